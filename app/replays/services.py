"""What happens to replays."""

from __future__ import annotations

from app.extensions import db
from app.kernel import clock
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.models import LiveSession
from app.replays import jobs
from app.replays.models import Download, DownloadState
from app.replays.queries import is_stuck


def request_download(live: LiveSession) -> Download:
    """Have the MP4 made, unless it is there or on its way."""
    with unit_of_work() as after_commit:
        download = db.session.get(Download, live.id)
        if download is None:
            download = Download(live_id=live.id)
            db.session.add(download)
        else:
            lock(download)
            if download.state is not DownloadState.FAILED and not is_stuck(download):
                return download
            download.state, download.percent, download.problem = DownloadState.QUEUED, 0, ""
            download.changed_ms = clock.now_ms()
        live_id = live.id
        after_commit(lambda: jobs.make_mp4.later(live_id))
    return download
