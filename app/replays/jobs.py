"""Making downloads, in the jobs process."""

from __future__ import annotations

import logging
import shutil
import tempfile
from pathlib import Path

from ffmpeg import FFmpegError
from flask import current_app

from app.extensions import db
from app.kernel import clock
from app.kernel.queue import Job
from app.kernel.unit_of_work import unit_of_work
from app.live.models import LiveSession
from app.replays import remux
from app.replays.models import Download, DownloadState
from app.replays.queries import file_of

log = logging.getLogger(__name__)

REPORT_EVERY_MS = 500


def _make_mp4(live_id: str) -> None:
    """Make the MP4 of a lesson and report on the way."""
    live = db.session.get(LiveSession, live_id)
    if live is None or db.session.get(Download, live_id) is None:
        return
    media: Path = current_app.config["MEDIA_ROOT"] / live.stream_id
    target = file_of(live_id)
    target.parent.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(target.parent).free < live.stream.kept_bytes + current_app.config["DISK_RESERVE_MB"] * 2**20:
        _note(live_id, DownloadState.FAILED, problem="disk_full")  # the space left belongs to who is on air
        return
    _note(live_id, DownloadState.RUNNING)
    reported_ms = 0
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's own way to the app

    def report(percent: int) -> None:
        nonlocal reported_ms
        if clock.now_ms() - reported_ms > REPORT_EVERY_MS:
            reported_ms = clock.now_ms()
            with app.app_context():  # ffmpeg's output is read in a thread of its own
                _note(live_id, DownloadState.RUNNING, percent=percent)

    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as work:
            remux.make_mp4(current_app.config["FFMPEG"], media, Path(work), target, report)
    except remux.NothingRecorded:
        _note(live_id, DownloadState.FAILED, problem="nothing_recorded")
    except (remux.Incomplete, FFmpegError, OSError):
        log.exception("MP4 of %s failed", live_id)
        _note(live_id, DownloadState.FAILED, problem="failed")
    else:
        _note(live_id, DownloadState.DONE, percent=100, size_bytes=target.stat().st_size)


make_mp4 = Job(_make_mp4)


def _note(live_id: str, state: DownloadState, *, percent: int = 0, size_bytes: int = 0, problem: str = "") -> None:
    with unit_of_work():
        download = db.session.get_one(Download, live_id)
        download.state, download.percent, download.size_bytes, download.problem = state, percent, size_bytes, problem
        download.changed_ms = clock.now_ms()
