"""Lessons as templates see them: plain values, nothing that could read the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from app.accounts.models import User
from app.kernel import clock, markdown, web
from app.kernel.forms import choices
from app.live import covers, joining, listings, marks, policies
from app.live.lifecycle import LiveState
from app.live.marks import Marks
from app.live.models import Audience, LiveSession, Part, RecordingPolicy
from app.live.policies import May
from app.live.window import GRACE_MS, OPENS_BEFORE_MS, Window, ends_soon, window_of
from app.people import queries as people
from app.units import queries as units
from app.units.models import Unit

FIRST_PICTURE_MS = 8000
"""A browser or an encoder that was started with the lecture is seen by then."""


@dataclass(frozen=True)
class LiveView:
    """One lesson for one viewer. Times are epoch milliseconds."""

    id: str
    subject: str
    written: str
    """What it is about, as it was typed."""
    state: str
    state_reason: str
    pause_message: str
    message: str
    recording: bool
    audience: str
    """Who may watch, in words."""
    owner_name: str
    """Those who teach it, or who planned it when nobody is named."""
    assistant_names: str
    mode: str
    draft: bool
    rehearses: bool
    """It is the rehearsal of another lesson, whose studio is its `url`."""
    in_series: bool
    guests: bool
    capacity: int | None
    recordable: bool
    cancel_reason: str
    plans: bool
    """The viewer may change its plan."""
    directs: bool
    """The viewer teaches it, or manages the sessions of its unit."""
    assists: bool
    """The viewer does, or assists."""
    cover_url: str
    """The picture, 640 pixels wide: the cover, the lesson on air, or its first slide; empty where there is none."""
    large_cover_url: str
    cover_is_slide: bool
    """The picture is a page of other proportions, which is shown whole."""
    starts_at_ms: int
    ends_at_ms: int
    started_at_ms: int | None
    ended_at_ms: int | None
    window: str
    """early, open, over or overdue; see app/live/window.py."""
    opens_at_ms: int
    """From then on it may be begun."""
    ends_by_itself_ms: int
    """Then one that runs past its end is ended."""
    ends_soon: bool
    """It runs, and its end is less than ten minutes away, or past."""
    state_since_ms: int
    waits_long: bool
    """It is in its state for longer than the first picture takes."""
    away_minutes: int
    """After so many minutes without a presenter, 临时离开 becomes 已结束."""
    url: str
    page_url: str
    """The introduction page's whole address, to be read out and copied."""
    watch_url: str
    studio_url: str
    replay_url: str
    """Empty while, or because, nothing was recorded."""
    summary_url: str
    """What became of it; empty before its end, for a rehearsal, and for who does not teach it."""
    marks: Marks | None
    """What the viewer has marked it with, where the page shows that."""

    @property
    def abstract(self) -> Markup:
        """What it is about, as HTML."""
        return markdown.as_html(self.written)

    @property
    def gist(self) -> str:
        """The same in some plain words."""
        return markdown.as_words(self.written)


def view_of(live: LiveSession, user: User | None, marks: Marks | None = None) -> LiveView:
    """Show a lesson to somebody, with her `marks` if the page shows them."""
    status, held = live.status(), policies.permissions_of(user, live)
    small, large, is_slide = _pictures_of(live, may_watch=May.REPLAY in held)
    return LiveView(
        id=live.id,
        subject=live.subject,
        written=live.abstract,
        state=status["state"],
        state_reason=status["reason"],
        pause_message=live.pause_message,
        message=status["message"],
        recording=live.recording,
        audience=audience_words(live),
        owner_name=teachers_of(live),
        assistant_names=_names(live.people_of(Part.ASSISTANT)),
        mode=str(live.mode),
        draft=live.draft,
        rehearses=live.rehearses_id is not None,
        in_series=live.series_id is not None,
        guests=live.guests,
        capacity=live.capacity,
        recordable=live.recording_policy is not RecordingPolicy.NEVER,
        cancel_reason=live.cancel_reason,
        plans=May.PLAN in held,
        directs=May.DIRECT in held,
        assists=May.ASSIST in held,
        cover_url=small,
        large_cover_url=large,
        cover_is_slide=is_slide,
        starts_at_ms=live.starts_at_ms,
        ends_at_ms=live.ends_at_ms,
        started_at_ms=live.started_at_ms,
        ended_at_ms=live.ended_at_ms,
        window=str(window_of(live, clock.now_ms())),
        opens_at_ms=live.starts_at_ms - OPENS_BEFORE_MS,
        ends_by_itself_ms=live.ends_at_ms + GRACE_MS,
        ends_soon=ends_soon(live, clock.now_ms()),
        state_since_ms=live.state_since_ms,
        waits_long=clock.now_ms() - live.state_since_ms > FIRST_PICTURE_MS,
        away_minutes=current_app.config["AWAY_MINUTES"],
        url=_home_of(live),
        page_url=url_for("live.page", live_id=live.id, _external=True),
        watch_url=url_for("classroom.watch", live_id=live.id),
        studio_url=url_for("classroom.studio", live_id=live.id),
        replay_url="" if _is_kept_from(live, held) else url_for("replays.page", live_id=live.id),
        summary_url=url_for("summary.page", live_id=live.id) if May.DIRECT in held and _is_summed_up(live) else "",
        marks=marks,
    )


def _is_kept_from(live: LiveSession, held: frozenset[May]) -> bool:
    """Say whether there is no recording for somebody who sees the lesson. How guests were let in is not in `held`."""
    if not live.has_recording:
        return True
    if May.REPLAY in held or live.state is not LiveState.ENDED:
        return False
    return May.WATCH in held or policies.is_withheld(live) or not live.replay_guests


def views_of(lives: Sequence[LiveSession], user: User | None) -> list[LiveView]:
    """Show several lessons to somebody, with one look for all their pictures, and one for all her marks."""
    covers.prepare(lives)
    known = marks.of(lives, user)
    return [view_of(live, user, known.get(live.id)) for live in lives]


def _pictures_of(live: LiveSession, *, may_watch: bool) -> tuple[str, str, bool]:
    """Return the small and the large picture, and whether it is a page.

    The chosen cover is for everybody who knows of the lesson. Pictures taken from the lesson or from its recording are
    for its audience: a visitor may read the introduction of a lesson that she may not watch.
    """
    if may_watch and live.replay_cover and live.state is LiveState.ENDED and live.has_recording:
        return *_kept(live.replay_cover), False
    taken = covers.likeness_of(live) if may_watch else None
    if taken is not None and (taken.is_live or not live.cover):
        return taken.url, web.root() + taken.url, not taken.is_live
    return *(_kept(live.cover) if live.cover else ("", "")), False


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


def part_in_words(user: User, live: LiveSession) -> str:
    """Say in a word what a person is in a lesson; empty for whoever has only signed up."""
    part = policies.part_of(user, live)
    if part is Part.TEACHER:
        return str(_("Teacher"))
    if part is Part.ASSISTANT:
        return str(_("Assistant"))
    return str(_("Planned by me")) if live.owner_id == user.id else ""


@dataclass(frozen=True)
class ManagedRow:
    """A lesson in the list of whoever manages its unit."""

    live: LiveView
    unit: str
    signed_up: int
    taught_ms: int | None
    """How long it took; none while it has not ended."""


def managed_rows(lives: Sequence[LiveSession], user: User) -> list[ManagedRow]:
    """Show lessons with their numbers."""
    places, names = listings.signed_up(lives), units.full_names([live.unit for live in lives])
    return [
        ManagedRow(
            live=view,
            unit=names[live.unit_id],
            signed_up=places.get(live.id, 0),
            taught_ms=live.ended_at_ms - live.started_at_ms if live.ended_at_ms and live.started_at_ms else None,
        )
        for live, view in zip(lives, views_of(lives, user), strict=True)
    ]


def audience_choices(unit: Unit, *, kept: Audience | None = None) -> list[Any]:
    """Say for each audience who that is when a lesson is taught in the name of `unit`: "物质研究所, 412 people".

    A department that has become an institute has none of its own any more; what was chosen before (`kept`) stays a
    choice.
    """
    home = units.home_of(unit)
    counts = people.headcount([unit, home, units.academy()])

    def who(one: Unit) -> str:
        number = counts[one.id]
        return str(
            _("%(unit)s, %(people)s", unit=one.name, people=ngettext("%(num)d person", "%(num)d people", number))
        )

    own = [(str(Audience.DEPARTMENT), _("Own department: %(who)s", who=who(unit)))]
    return choices(
        [
            *(own if unit.id != home.id or kept is Audience.DEPARTMENT else []),
            (str(Audience.INSTITUTE), _("Own institute: %(who)s", who=who(home))),
            (str(Audience.ACADEMY), _("Whole academy: %(who)s", who=who(units.academy()))),
            (str(Audience.EVERYONE), _("Everyone: visitors without an account too")),
        ]
    )


def audience_words(live: LiveSession) -> str:
    """Say who may watch a lesson."""
    return _words_for(live.audience, live.audience_unit)


def replay_words(live: LiveSession) -> str:
    """Say who may watch the recording of a lesson."""
    if live.replay_hidden:
        return str(_("Only its presenters"))
    if live.replay_audience is None or live.replay_audience_unit is None:
        return audience_words(live)
    return _words_for(live.replay_audience, live.replay_audience_unit)


def _words_for(audience: Audience, unit: Unit) -> str:
    if audience is Audience.EVERYONE:
        return str(_("Open to everyone"))
    if audience is Audience.ACADEMY:
        return str(_("Open to the whole academy"))
    return str(_("Open to %(unit)s", unit=unit.name))


@dataclass(frozen=True)
class PlaceView:
    """How a viewer stands to the places of a lesson."""

    signed_up: bool
    number: int
    """How many have signed up."""
    full: bool


def place_of(live: LiveSession, user: User | None, *, may_watch: bool) -> PlaceView | None:
    """Show whether somebody has signed up; none where there is nothing to sign up for."""
    if live.state is not LiveState.SCHEDULED or live.draft or (user is not None and not may_watch):
        return None
    known = joining.learner_of(live, user) if user else None
    number = joining.signed_up(live)
    return PlaceView(
        signed_up=known is not None and known.signed_up_ms is not None,
        number=number,
        full=live.capacity is not None and number >= live.capacity,
    )


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
