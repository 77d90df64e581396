"""Downloads of replays are requested and dropped here."""

from __future__ import annotations

from app.extensions import db
from app.kernel import clock
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.models import LiveSession
from app.replays import jobs
from app.replays.models import Download, DownloadState
from app.replays.queries import file_of, is_lost


def drop_download(live: LiveSession) -> None:
    """Forget the MP4: the recording has changed. One that is being made is thrown away when it is done."""
    with unit_of_work() as after_commit:
        download = db.session.get(Download, live.id)
        if download is not None:
            db.session.delete(download)
        after_commit(lambda: file_of(live.id).unlink(missing_ok=True))


def request_download(live: LiveSession) -> Download:
    """Have the MP4 made, unless it is there or on its way."""
    with unit_of_work() as after_commit:
        download = db.session.get(Download, live.id)
        if download is None:
            download = Download(live_id=live.id)
            db.session.add(download)
        else:
            lock(download)
            if download.state is not DownloadState.FAILED and not is_lost(download):
                return download
            download.state, download.percent, download.problem = DownloadState.QUEUED, 0, ""
            download.attempts, download.changed_ms = 0, clock.now_ms()
        after_commit(jobs.make_waiting.later)
    return download
