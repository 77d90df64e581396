"""Reading replays."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select

from app.classroom.slides import views as slides
from app.classroom.stage import kinds as stage
from app.extensions import db
from app.kernel import clock, pulse, storage, web
from app.kernel.charts import Crowd, Mark
from app.live import kinds
from app.live.models import LiveSession
from app.replays.chapters.folding import Moment, folded
from app.replays.chapters.queries import edits_of
from app.replays.models import Download, DownloadState
from app.timeline import queries as timeline


@dataclass(frozen=True)
class CrowdMoment:
    """A moment of a lesson, with the people who were there."""

    at_ms: int
    since_ms: int
    """Time since the lesson began."""
    page: int | None
    """Number of the page that was shown then. `None` means a turn of the lesson itself."""
    label: str
    there: int
    url: str
    """The moment in the replay; empty if nothing was recorded."""
    thumb: str
    """Address of a small picture of the page; empty if there is none."""

    @property
    def mark(self) -> Mark:
        """The moment as curves show it."""
        place = str(_("Page %(number)s", number=self.page)) if self.page else self.label
        since = web.as_clock(self.since_ms)
        words = str(_("%(time)s, %(place)s: %(count)s people", time=since, place=place, count=self.there))
        return Mark(self.at_ms, words, self.url, self.thumb)


@dataclass(frozen=True)
class DownloadView:
    """The MP4 as the page shows it; `state` is none, queued, running, done or failed."""

    state: str
    percent: int
    size_bytes: int
    problem: str
    """The fault in a sentence, for the state failed."""
    note: str
    """Why it takes longer than usual, in a sentence; "" when it does not."""
    url: str
    file_url: str


WAITING = (DownloadState.QUEUED, DownloadState.RUNNING)
PAGE_STAYS_MS = 4_000
"""Pages that were only leafed over are not worth jumping to."""


def moments(live: LiveSession, *, hidden_too: bool = False) -> list[Moment]:
    """Return the turning points and the chapters of a lesson, in order; hidden chapters only where these are wanted."""
    found = [*_turns(live), *chapters(live, hidden_too=hidden_too), *_speakers(live)]
    return sorted(found, key=lambda moment: moment.at_ms)


def chapters(live: LiveSession, *, hidden_too: bool = False) -> list[Moment]:
    """Return the chapters of a lesson, in order, as presenters have edited them."""
    found = folded(_pages(live), edits_of(live.id))
    return [chapter for chapter in found if hidden_too or not chapter.hidden]


def crowd_at_moments(live: LiveSession, crowd: Crowd) -> list[CrowdMoment]:
    """Return the moments of a lesson with the number of people at each."""
    replay = url_for("replays.page", live_id=live.id) if live.has_recording else ""
    return [
        CrowdMoment(
            at_ms=moment.at_ms,
            since_ms=moment.at_ms - (live.started_at_ms or moment.at_ms),
            page=moment.page,
            label=moment.label,
            there=crowd.at(moment.at_ms),
            url=f"{replay}#at={moment.at_ms}" if replay else "",
            thumb=moment.thumb,
        )
        for moment in moments(live)
    ]


def _pages(live: LiveSession) -> list[Moment]:
    """Return the pages that stood for a while; building a page up is no new moment."""
    turned = slides.turns_of(live.id)
    found: list[Moment] = []
    for turn, following in zip_longest(turned, turned[1:]):
        if turn.page is None or (live.started_at_ms or 0) > (following.at_ms if following else clock.now_ms()):
            continue
        if following is None or following.at_ms - turn.at_ms >= PAGE_STAYS_MS:
            at_ms = max(turn.at_ms, live.started_at_ms or 0)
            found.append(Moment(at_ms, turn.title, turn.page, turn.thumb, is_chapter=True))
    return found


def _speakers(live: LiveSession) -> list[Moment]:
    """Return when learners began to speak on the stage."""
    return [
        Moment(max(event.at_ms, live.started_at_ms or 0), _("%(name)s speaks", name=event.payload["name"]), names=True)
        for event in timeline.after(live.id, 0, kinds={stage.JOINED})
    ]


def _turns(live: LiveSession) -> list[Moment]:
    """Return when the lecture began, rested, went on and ended; switching the recording is no turn."""
    words = {"paused": _("Paused"), "away": _("Presenter away"), "ended": _("End")}
    found: list[Moment] = []
    before = None
    for event in timeline.after(live.id, 0, kinds={kinds.STATE}):
        state = event.payload["state"]
        if state == before or state not in (*words, "on_air"):
            continue
        before = state
        begins = _("Lesson goes on") if found else _("Lesson begins")
        found.append(Moment(event.at_ms, words.get(state, begins)))
    return found


def download_view(live: LiveSession) -> DownloadView:
    """Show how far the lesson's MP4 is."""
    download = db.session.get(Download, live.id)
    url, file_url = (
        url_for("replays.download_state", live_id=live.id),
        url_for("replays.download_file", live_id=live.id),
    )
    if download is None or is_lost(download):
        return DownloadView("none", 0, 0, "", "", url, file_url)
    problem, note = _problem(download.problem), _note(download)
    return DownloadView(str(download.state), download.percent, download.size_bytes, problem, note, url, file_url)


def _problem(code: str) -> str:
    sentences = {
        "nothing_recorded": _("Nothing was recorded in this lesson."),
        "disk_full": _("The server's disk is almost full. Tell the administrator, then try again."),
        "unreadable": _("A piece of the recording cannot be read from the server's disk. Tell the administrator."),
    }
    unharmed = _("The file could not be made. The recording itself is unharmed.")
    return str(sentences.get(code, unharmed))


def _note(download: Download) -> str:
    if download.state not in WAITING:
        return ""
    if not pulse.alive("jobs"):
        return str(_("The part of the server that makes files has stopped. It goes on by itself once it runs again."))
    if download.attempts > 1:
        return str(_("The server was interrupted. The file is being made again from the beginning."))
    return ""


def next_to_make() -> str | None:
    """Name the download that has waited longest; one that is half made was left by a process that is gone."""
    wanted = select(Download.live_id).where(Download.state.in_(WAITING))
    return db.session.scalar(wanted.order_by(Download.changed_ms, Download.live_id).limit(1))


def is_lost(download: Download) -> bool:
    """Return whether a file that was made is missing, as after a restore without the downloads."""
    return download.state is DownloadState.DONE and not file_of(download.live_id).exists()


def folder() -> Path:
    """Return the folder in which downloads are made and kept."""
    return storage.place("downloads")


def file_of(live_id: str) -> Path:
    """Return the path of the lesson's MP4."""
    return folder() / f"{live_id}.mp4"


def finished_film(live_id: str) -> Path | None:
    """Find the lesson's MP4, if it was made already."""
    download = db.session.get(Download, live_id)
    is_there = download is not None and download.state is DownloadState.DONE and not is_lost(download)
    return file_of(live_id) if is_there else None
