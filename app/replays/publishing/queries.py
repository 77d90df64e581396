"""Reading recordings, for those who teach and manage."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.extensions import db
from app.kernel.permissions import Permission
from app.live.lifecycle import LiveState
from app.live.lists import queries as listings
from app.live.models import LiveSession, Part, Presenter
from app.media.models import Stream
from app.replays.publishing.models import Viewer
from app.roles import policies as roles
from app.units.models import Unit, within

Recordings = Select[LiveSession]


class Shown(StrEnum):
    """Which recordings are listed."""

    ALL = ""
    PUBLISHED = "published"
    WITHHELD = "withheld"
    BIN = "bin"
    """Deleted ones, as long as they can be restored."""


class Order(StrEnum):
    """How recordings are listed."""

    NEWEST = "newest"
    OLDEST = "oldest"
    LONGEST = "longest"
    LARGEST = "largest"
    MOST_VIEWED = "viewed"
    SUBJECT = "subject"


def recordings_for(
    user: User, *, q: str = "", shown: Shown = Shown.ALL, unit: Unit | None = None, order: Order = Order.NEWEST
) -> Recordings:
    """Return the recordings of lessons that are over and that somebody teaches, has planned, or manages.

    Args:
        user: the presenter or manager.
        q: part of the subject, or of the name of who teaches; empty for all.
        shown: all that are not in the recycle bin, or only some of them, or those in the bin.
        unit: only recordings of this unit and beneath.
        order: of the list.
    """
    held = roles.holdings_of(user)
    taught = select(Presenter.live_id).where(Presenter.user_id == user.id, Presenter.part == Part.TEACHER)
    planned = select(Unit.id).where(held.where(Permission.LIVE_MANAGE))
    managed = select(Unit.id).where(held.where(Permission.LIVE_MANAGE_UNIT))
    wanted = (
        select(LiveSession)
        .join(LiveSession.stream)
        .where(
            LiveSession.state == LiveState.ENDED,
            LiveSession.deleted_ms.is_(None),
            LiveSession.rehearses_id.is_(None),
            LiveSession.recording_binned_ms.is_not(None) if shown is Shown.BIN else listings.is_recorded(),
            or_(
                LiveSession.unit_id.in_(managed),
                (LiveSession.owner_id == user.id) & LiveSession.unit_id.in_(planned),
                (LiveSession.owner_id != user.id) & LiveSession.id.in_(taught),
            ),
        )
    )
    if q:
        wanted = wanted.where(listings.matches(q))
    if shown in {Shown.PUBLISHED, Shown.WITHHELD}:
        wanted = wanted.where(LiveSession.replay_hidden.is_(shown is Shown.WITHHELD))
    if unit is not None:
        wanted = wanted.where(LiveSession.unit_id.in_(select(Unit.id).where(within(unit.path))))
    return _ordered(wanted, order).options(joinedload(LiveSession.stream), joinedload(LiveSession.replay_audience_unit))


def _ordered(wanted: Recordings, order: Order) -> Recordings:
    counts = select(Viewer.live_id, func.count().label("people")).group_by(Viewer.live_id).subquery()
    if order is Order.MOST_VIEWED:
        wanted = wanted.outerjoin(counts, counts.c.live_id == LiveSession.id)
    ways: dict[Order, ColumnElement[Any]] = {
        Order.NEWEST: LiveSession.starts_at_ms.desc(),
        Order.OLDEST: LiveSession.starts_at_ms.asc(),
        Order.LONGEST: Stream.kept_ms.desc(),
        Order.LARGEST: Stream.kept_bytes.desc(),
        Order.MOST_VIEWED: func.coalesce(counts.c.people, 0).desc(),
        Order.SUBJECT: LiveSession.subject_key.asc(),
    }
    return wanted.order_by(ways[order], LiveSession.id)


def viewers_of(lives: Sequence[LiveSession]) -> dict[str, int]:
    """Count the people who have opened each recording; those whom nobody has opened are left out."""
    counted = select(Viewer.live_id, func.count()).where(Viewer.live_id.in_([live.id for live in lives]))
    rows = db.session.execute(counted.group_by(Viewer.live_id))
    return {live_id: number for live_id, number in rows}  # noqa: C416 - rows are no pairs to mypy
