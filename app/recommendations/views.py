"""View models of the banner and of the desks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from app.accounts.models import User
from app.classroom.engine.presence import queries as presence
from app.kernel import clock
from app.live import queries as lives
from app.live.covers import services as covers
from app.live.lifecycle import LiveState
from app.live.models import LiveSession
from app.live.policies import is_withheld
from app.live.views import LiveCard, LiveRow, card_of, cards_of, next_step, row_of, view_of
from app.recommendations import pictures, policies, queries
from app.recommendations.models import AcademyRequest, Recommendation
from app.units import queries as units
from app.units.models import Unit

STEPS: dict[str, LazyString] = {
    "watch": _l("Watch live"),
    "replay": _l("Watch the replay"),
    "start": _l("Start the lesson"),
    "studio": _l("Open the studio"),
    "wait": _l("See the introduction"),
}
"""Words of a picture's button, by `live.views.next_step`."""


@dataclass(frozen=True)
class Slide:
    """A large picture as one viewer sees it."""

    id: int
    live: LiveCard
    words: str
    large_url: str
    """Empty where the picture is composed of the cover."""
    small_url: str
    step: LazyString
    url: str
    viewers: int | None
    """People in the room. `None` while the lesson is not on air."""


@dataclass(frozen=True)
class Banner:
    """All large pictures of one viewer's home page."""

    slides: list[Slide]
    version: str
    """A page asks for news with this word."""


def banner_for(user: User | None) -> Banner:
    """Return the large pictures for a viewer. Nobody sees one of a lesson that she may not watch now."""
    above = queries.units_above(user)
    version = queries.joined(queries.versions(above), above)  # read first: news in between are told once more
    seen = queries.seen_by(user)
    covers.prepare([row.live for row in seen])
    open_ones = {live.id for live in lives.open_here(user, [row.live for row in seen])}
    rows = [row for row in seen if row.live_id in open_ones]
    viewers = presence.learners([row.live_id for row in rows if row.live.is_shown])
    return Banner([_slide(row, user, viewers.get(row.live_id, 0)) for row in rows], version)


def target_of(row: Recommendation, user: User | None) -> str:
    """Return the address of the page to which a picture leads its viewer."""
    live = view_of(row.live, user)
    pages = {"watch": live.watch_url, "replay": live.replay_url, "studio": live.studio_url, "start": live.studio_url}
    return pages.get(next_step(row.live, user, may_watch=True), live.url)


def _slide(row: Recommendation, user: User | None, viewers: int) -> Slide:
    return Slide(
        id=row.id,
        live=card_of(row.live, user),
        words=row.words,
        large_url=_picture(row.picture, max(pictures.SHELF.widths)),
        small_url=_picture(row.picture, min(pictures.SHELF.widths)),
        step=STEPS[next_step(row.live, user, may_watch=True)],
        url=url_for("banner.open_slide", item_id=row.id),
        viewers=viewers if row.live.is_shown else None,
    )


def _picture(name: str, width: int) -> str:
    return url_for("banner.picture", name=name, width=width) if name else ""


@dataclass(frozen=True)
class Desk:
    """The place from which lessons are recommended to the people of one unit."""

    unit: Unit

    @property
    def is_academy(self) -> bool:
        """Whether its pictures stand on everybody's home page."""
        return self.unit.parent_id is None

    def url(self, name: str, **values: Any) -> str:
        """Return the address of a view of this desk."""
        if self.is_academy:
            return url_for(f"recommendations.academy_{name}", **values)
        return url_for(f"recommendations.unit_{name}", unit_id=self.unit.id, **values)


@dataclass(frozen=True)
class DeskRow:
    """A recommendation as its desk sees it."""

    id: int
    live: LiveCard
    words: str
    picture_url: str
    from_ms: int
    until_ms: int | None
    shown: int
    opened: int
    status: str
    """now, later, past or gone."""


def desk_rows(unit: Unit, user: User) -> list[DeskRow]:
    """Return a unit's recommendations in their order."""
    now, rows = clock.now_ms(), queries.of_desk(unit)
    covers.prepare([row.live for row in rows])
    return [
        DeskRow(
            id=row.id,
            live=card_of(row.live, user),
            words=row.words,
            picture_url=_picture(row.picture, min(pictures.SHELF.widths)),
            from_ms=row.from_ms,
            until_ms=row.until_ms,
            shown=row.shown,
            opened=row.opened,
            status=_status(row, now),
        )
        for row in rows
    ]


def _status(row: Recommendation, now_ms: int) -> str:
    live = row.live
    is_missed = live.state is LiveState.SCHEDULED and live.ends_at_ms <= now_ms
    is_unrecorded = live.state is LiveState.ENDED and (is_withheld(live) or not live.has_recording)
    if live.deleted_ms is not None or live.draft or live.state is LiveState.CANCELLED or is_missed or is_unrecorded:
        return "gone"
    if row.until_ms is not None and row.until_ms <= now_ms:
        return "past"
    return "later" if row.from_ms > now_ms else "now"


@dataclass(frozen=True)
class Candidate:
    """A lesson that can be recommended."""

    live: LiveCard
    is_recommended: bool
    may_ask: bool
    """The platform team can be asked to recommend it to the whole academy."""
    is_asked: bool


def candidates(desk: Desk, lives_found: Sequence[LiveSession], user: User) -> list[Candidate]:
    """Return lessons as cards of a desk."""
    here = {row.live_id for row in queries.of_desk(desk.unit)}
    asked = {row.live_id for row in queries.open_requests()}
    everywhere = {row.live_id for row in queries.of_desk(units.academy())}
    return [
        Candidate(
            live=view,
            is_recommended=live.id in here,
            may_ask=not desk.is_academy and live.id not in asked | everywhere and is_for_all(live),
            is_asked=live.id in asked,
        )
        for live, view in zip(lives_found, cards_of(lives_found, user), strict=True)
    ]


def is_for_all(live: LiveSession) -> bool:
    """Return whether the whole academy may watch a lesson."""
    return policies.reaches(live, units.academy())


@dataclass(frozen=True)
class RequestView:
    """A request for the whole academy."""

    id: int
    live: LiveRow
    unit: str
    by: str
    asked_ms: int
    answered_ms: int | None
    granted: bool
    reply: str


def request_views(rows: Sequence[AcademyRequest], user: User) -> list[RequestView]:
    """Return requests for their list."""
    return [
        RequestView(
            id=row.id,
            live=row_of(row.live, user),
            unit=row.unit.name,
            by=row.by.real_name,
            asked_ms=row.asked_ms,
            answered_ms=row.answered_ms,
            granted=bool(row.granted),
            reply=row.reply,
        )
        for row in rows
    ]
