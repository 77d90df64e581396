"""Lessons as templates see them: plain values, nothing that could read the database.

A page takes the smallest view that has what it shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, g, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from app.accounts.models import User
from app.kernel import clock, markdown, web
from app.live import policies
from app.live.audiences import audience_words
from app.live.covers import services as covers
from app.live.lifecycle import LiveState
from app.live.marks import services as marks
from app.live.marks.services import Marks
from app.live.models import LiveSession, Part
from app.live.policies import May
from app.live.window import OPENS_BEFORE_MS, Window, window_of


@dataclass(frozen=True)
class LiveRow:
    """A lesson in a list, or named on a page about something else. Times are epoch milliseconds."""

    id: str
    subject: str
    state: str
    draft: bool
    owner_name: str
    """Names of the teachers. If nobody is named, the person who planned the lesson."""
    starts_at_ms: int
    url: str
    replay_url: str
    """Empty if nothing was recorded, or not yet."""


@dataclass(frozen=True)
class LiveCard(LiveRow):
    """A lesson with its picture, and with the marks of its viewer."""

    cover_url: str
    """The picture, 640 pixels wide: the cover, the lesson on air, or its first slide; empty where there is none."""
    large_cover_url: str
    cover_is_slide: bool
    """The picture is a page of other proportions, which is shown whole."""
    marks: Marks | None
    """Marks of the viewer, where the page shows them."""


@dataclass(frozen=True)
class LiveView(LiveRow):
    """A lesson with what its viewer may do, and the ways from it."""

    ends_at_ms: int
    started_at_ms: int | None
    ended_at_ms: int | None
    plans: bool
    """The viewer may change its plan."""
    directs: bool
    """The viewer teaches it, or manages the sessions of its unit."""
    assists: bool
    """The viewer does, or assists."""
    page_url: str
    """The introduction page's whole address, to be read out and copied."""
    watch_url: str
    studio_url: str
    summary_url: str
    """Address of its summary. Empty before its end, for a rehearsal, and for people who do not teach it."""


@dataclass(frozen=True)
class Introduction(LiveCard, LiveView):
    """A lesson as its introduction page and its poster announce it."""

    written: str
    """Its abstract as it was typed."""
    audience: str
    """Its audience in words."""
    assistant_names: str
    mode: str
    guests: bool
    capacity: int | None
    cancel_reason: str
    window: str
    """early, open, over or overdue; see app/live/window.py."""
    opens_at_ms: int
    """From then on it may be begun."""

    @property
    def abstract(self) -> Markup:
        """Its abstract as HTML."""
        return markdown.as_html(self.written)

    @property
    def gist(self) -> str:
        """The same in some plain words."""
        return markdown.as_words(self.written)


@dataclass(frozen=True)
class LiveNow(LiveView):
    """A lesson on the pages that play it: with what it does at the moment."""

    state_reason: str
    pause_message: str
    cancel_reason: str
    recording: bool
    mode: str
    rehearses: bool
    """The lesson is the rehearsal of another one, whose studio is its `url`."""
    away_minutes: int
    """Minutes without a presenter after which 临时离开 becomes 已结束."""


def row_of(live: LiveSession, user: User | None) -> LiveRow:
    """Show a lesson to somebody in a line of a list."""
    return _row(live, policies.permissions_of(user, live))


def card_of(live: LiveSession, user: User | None, marks: Marks | None = None) -> LiveCard:
    """Show a lesson to somebody as a card, with her `marks` if the page shows them."""
    held = policies.permissions_of(user, live)
    return LiveCard(**vars(_row(live, held)), **_pictures_of(live, held), marks=marks)


def cards_of(lives: Sequence[LiveSession], user: User | None) -> list[LiveCard]:
    """Show several lessons to somebody, with one look for all their pictures, and one for all her marks.

    The request holds the lessons, because the session forgets what nobody holds, and slots of cards look there.
    """
    g.setdefault("lessons_of_cards", []).extend(lives)
    covers.prepare(lives)
    known = marks.of(lives, user)
    return [card_of(live, user, known.get(live.id)) for live in lives]


def view_of(live: LiveSession, user: User | None) -> LiveView:
    """Show a lesson to somebody, with what she may do."""
    return _view(live, policies.permissions_of(user, live))


def introduction_of(live: LiveSession, user: User | None, marks: Marks | None = None) -> Introduction:
    """Announce a lesson to somebody, with her `marks` if the page shows them."""
    held = policies.permissions_of(user, live)
    return Introduction(
        **vars(_view(live, held)),
        **_pictures_of(live, held),
        marks=marks,
        written=live.abstract,
        audience=audience_words(live),
        assistant_names=_names(live.people_of(Part.ASSISTANT)),
        mode=str(live.mode),
        guests=live.guests,
        capacity=live.capacity,
        cancel_reason=live.cancel_reason,
        window=str(window_of(live, clock.now_ms())),
        opens_at_ms=live.starts_at_ms - OPENS_BEFORE_MS,
    )


def now_of(live: LiveSession, user: User | None) -> LiveNow:
    """Show somebody what a lesson does at the moment."""
    return LiveNow(
        **vars(view_of(live, user)),
        state_reason=live.status()["reason"],
        pause_message=live.pause_message,
        cancel_reason=live.cancel_reason,
        recording=live.recording,
        mode=str(live.mode),
        rehearses=live.rehearses_id is not None,
        away_minutes=current_app.config["AWAY_MINUTES"],
    )


def _row(live: LiveSession, held: frozenset[May]) -> LiveRow:
    return LiveRow(
        id=live.id,
        subject=live.subject,
        state=live.status()["state"],
        draft=live.draft,
        owner_name=teachers_of(live),
        starts_at_ms=live.starts_at_ms,
        url=_home_of(live),
        replay_url="" if _is_kept_from(live, held) else url_for("replays.page", live_id=live.id),
    )


def _view(live: LiveSession, held: frozenset[May]) -> LiveView:
    return LiveView(
        **vars(_row(live, held)),
        ends_at_ms=live.ends_at_ms,
        started_at_ms=live.started_at_ms,
        ended_at_ms=live.ended_at_ms,
        plans=May.PLAN in held,
        directs=May.DIRECT in held,
        assists=May.ASSIST in held,
        page_url=url_for("live.page", live_id=live.id, _external=True),
        watch_url=url_for("classroom.watch", live_id=live.id),
        studio_url=url_for("classroom.studio", live_id=live.id),
        summary_url=url_for("summary.page", live_id=live.id) if May.DIRECT in held and _is_summed_up(live) else "",
    )


def _is_kept_from(live: LiveSession, held: frozenset[May]) -> bool:
    """Return whether a person who sees the lesson gets no recording. `held` does not tell how guests were let in."""
    if not live.has_recording:
        return True
    if May.REPLAY in held or live.state is not LiveState.ENDED:
        return False
    return May.WATCH in held or policies.is_withheld(live) or not live.replay_guests


def _pictures_of(live: LiveSession, held: frozenset[May]) -> dict[str, Any]:
    """Return the fields of a card's picture.

    The chosen cover is for everybody who knows of the lesson. Pictures taken from the lesson or from its recording are
    for its audience: a visitor may read the introduction of a lesson that she may not watch.
    """
    may_watch = May.REPLAY in held
    taken = covers.likeness_of(live) if may_watch else None
    is_slide = False
    if may_watch and live.replay_cover and live.state is LiveState.ENDED and live.has_recording:
        small, large = _kept(live.replay_cover)
    elif taken is not None and (taken.is_live or not live.cover):
        small, large, is_slide = taken.url, web.root() + taken.url, not taken.is_live
    else:
        small, large = _kept(live.cover) if live.cover else ("", "")
    return {"cover_url": small, "large_cover_url": large, "cover_is_slide": is_slide}


def _kept(name: str) -> tuple[str, str]:
    small = url_for("covers.picture", name=name, width=640)
    return small, url_for("covers.picture", name=name, width=1280, _external=True)


def _is_summed_up(live: LiveSession) -> bool:
    return live.state is LiveState.ENDED and live.rehearses_id is None


def _home_of(live: LiveSession) -> str:
    if live.rehearses_id is not None:
        return url_for("classroom.studio", live_id=live.rehearses_id)
    return url_for("live.page", live_id=live.id)


def teachers_of(live: LiveSession) -> str:
    """Name those who teach a lesson, or who planned it when nobody is named."""
    return _names(live.people_of(Part.TEACHER) or [live.owner])


def next_step(live: LiveSession, user: User | None, *, may_watch: bool) -> str:
    """Name the one button that is right for this viewer now: watch, sign_in, start, studio, replay or wait."""
    held = policies.permissions_of(user, live)
    if May.ASSIST in held and not live.is_over:
        begins = May.DIRECT in held and not (live.is_running or live.draft)
        return "start" if begins and window_of(live, clock.now_ms()) is Window.OPEN else "studio"
    if not may_watch:
        return "sign_in"
    if live.is_over:
        return "replay" if live.has_recording else "wait"
    return "watch" if live.is_running else "wait"


def _names(users: Sequence[User]) -> str:
    return str(_(", ")).join(user.real_name for user in users)
