"""Making downloads, in the jobs process: one after another, so that other workers of the queue stay free.

The rows say what is to be done: a queued call only says "look". So a call that is queued twice, or lost with its
process, does no harm; what a killed process left as RUNNING is begun again by the next one that looks.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from ffmpeg import FFmpegError
from flask import current_app

from app.extensions import db
from app.kernel import clock, locks
from app.kernel.disk import FULL
from app.kernel.queue import Job
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.models import LiveSession
from app.media.folders import folder_of
from app.replays import mp4, queries
from app.replays.cutting import queries as cutting
from app.replays.cutting.writing import complete
from app.replays.models import Download, DownloadState

log = logging.getLogger(__name__)

REPORT_EVERY_MS = 500
MOST_ATTEMPTS = 3
"""A download that has taken its process with it so often is given up."""


def _make_waiting() -> None:
    locks.one_by_one(queries.folder() / "making.lock", queries.next_to_make, _make_one)


make_waiting = Job(_make_waiting)


def resume() -> None:
    """Clear up after a killed process and have its work done; called by the clockwork at the start and every hour."""
    locks.resume(queries.folder() / "making.lock", _sweep, queries.next_to_make, make_waiting.later)


def _sweep() -> None:
    """Remove half-made files; only who is alone may, and whoever makes one has a folder for it."""
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
    """Throw away a file that was made while somebody cut the recording. Whoever still wants one gets a new one."""
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
        download.changed_ms, download.percent, download.problem = clock.now_ms(), 0, ""
        if download.attempts >= MOST_ATTEMPTS:
            download.state, download.problem = DownloadState.FAILED, "failed"
            return False
        download.attempts += 1
        download.state = DownloadState.RUNNING
    return True


def _made(live: LiveSession) -> str:
    """Make the file; gives the code of the problem, "" when all is well."""
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
    """Give what notes how far the file is, not too often."""
    reported_ms = 0
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's own way to the app

    def report(percent: int) -> None:
        nonlocal reported_ms
        if clock.now_ms() - reported_ms > REPORT_EVERY_MS:
            reported_ms = clock.now_ms()
            with app.app_context():  # ffmpeg's output is read in a thread of its own
                _note(live_id, DownloadState.RUNNING, percent=percent)

    return report


def _note(live_id: str, state: DownloadState, *, percent: int = 0, size_bytes: int = 0, problem: str = "") -> None:
    with unit_of_work():
        download = db.session.get(Download, live_id)
        if download is None:  # the recording was cut meanwhile
            return
        download.state, download.percent, download.size_bytes, download.problem = state, percent, size_bytes, problem
        download.changed_ms = clock.now_ms()
