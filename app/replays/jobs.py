"""Making downloads, see `app.kernel.workshop`."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from ffmpeg import FFmpegError
from flask import current_app

from app.extensions import db
from app.kernel import clock, workshop
from app.kernel.disk import FULL
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.models import LiveSession
from app.media.folders import folder_of
from app.replays import mp4, queries
from app.replays.cutting import queries as cutting
from app.replays.cutting.writing import complete
from app.replays.models import Download, DownloadState

log = logging.getLogger(__name__)


def _sweep() -> None:
    """Remove half-made files; runs only while no file is being made, so that every folder is a remainder."""
    for left in queries.folder().iterdir():
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)


def _make_one(live_id: str) -> None:
    """Make the MP4 of a lesson, whatever comes of it: it does not wait any more afterwards."""
    _sweep()
    if not _begin(live_id):
        return
    before = cutting.cuts_of(live_id).mark
    try:
        problem = _made(db.session.get_one(LiveSession, live_id))
    except Exception:
        log.exception("MP4 of %s failed", live_id)
        db.session.rollback()
        problem = "failed"
    if cutting.cuts_of(live_id).mark != before:
        _make_anew(live_id)
    elif problem:
        _note(live_id, DownloadState.FAILED, problem=problem)
    else:
        _note(live_id, DownloadState.DONE, percent=100, size_bytes=queries.file_of(live_id).stat().st_size)


def _make_anew(live_id: str) -> None:
    """Delete a file that was made while a presenter cut the recording, and queue a new one if it is still wanted."""
    queries.file_of(live_id).unlink(missing_ok=True)
    with unit_of_work():
        download = db.session.get(Download, live_id)
        if download is not None:
            download.state, download.percent, download.attempts = DownloadState.QUEUED, 0, 0


def _begin(live_id: str) -> bool:
    with unit_of_work():
        download = db.session.get(Download, live_id)
        if download is None:
            return False
        lock(download)
        download.percent = 0
        return workshop.begin(download, running=DownloadState.RUNNING, failed=DownloadState.FAILED)


def _made(live: LiveSession) -> str:
    """Make the file. Return the code of the problem, "" if there is none."""
    media = folder_of(live.stream_id)
    live_id, target = live.id, queries.file_of(live.id)
    needed_bytes, reserve_bytes = live.stream.kept_bytes, current_app.config["DISK_RESERVE_MB"] * 2**20
    complete(live)
    db.session.commit()
    try:
        recording = mp4.Recording(media)
        if shutil.disk_usage(target.parent).free < recording.copies * needed_bytes + reserve_bytes:
            return "disk_full"  # the space left belongs to who is on air
        with tempfile.TemporaryDirectory(dir=target.parent) as work:
            recording.make(current_app.config["FFMPEG"], Path(work), target, _reporter(live_id))
    except mp4.NothingRecorded:
        return "nothing_recorded"
    except mp4.Unreadable:
        log.exception("MP4 of %s failed", live_id)
        return "unreadable"
    except (FFmpegError, OSError) as error:
        log.exception("MP4 of %s failed", live_id)
        return "disk_full" if FULL in str(error) else "failed"
    return ""


def _reporter(live_id: str) -> Callable[[int], None]:
    """Return what notes how far the file is."""
    there = 0
    meter = workshop.Meter(lambda _now_ms: _note(live_id, DownloadState.RUNNING, percent=there))

    def report(percent: int) -> None:
        nonlocal there
        there = percent
        meter.note()

    return report


def _note(live_id: str, state: DownloadState, *, percent: int = 0, size_bytes: int = 0, problem: str = "") -> None:
    with unit_of_work():
        download = db.session.get(Download, live_id)
        if download is None:  # the recording was cut meanwhile
            return
        download.state, download.percent, download.size_bytes, download.problem = state, percent, size_bytes, problem
        download.changed_ms = clock.now_ms()


shop = workshop.Workshop(__name__, queries.folder, next_one=queries.next_to_make, make=_make_one, sweep=_sweep)
make_waiting, resume = shop.make_waiting, shop.resume
