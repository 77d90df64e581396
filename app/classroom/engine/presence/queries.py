"""Reading who is in a room."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.classroom.engine.presence.models import Presence
from app.extensions import db
from app.kernel import clock

LOST_MS = 45_000
"""Who was not noted for so long is gone, whatever became of the process that noted her."""

SHOWN = 100


@dataclass(frozen=True)
class Counts:
    """A room in numbers."""

    total: int
    guests: int

    @property
    def signed_in(self) -> int:
        """People with an account."""
        return self.total - self.guests


def counts(live_id: str) -> Counts:
    """Count who is here."""
    row = db.session.execute(
        select(func.count(), func.count(Presence.user_id)).where(Presence.live_id == live_id, _is_here())
    ).one()
    return Counts(row[0], row[0] - row[1])


def learners(live_id: str) -> int:
    """Count who is here and learns, guests included."""
    wanted = select(func.count()).where(
        Presence.live_id == live_id, _is_here(), Presence.part.in_(("learner", "guest"))
    )
    return db.session.scalar(wanted) or 0


def here(live_id: str, *, q: str = "") -> Sequence[Presence]:
    """Give the first people who are here: those who teach, then by unit and name.

    Args:
        live_id: the lesson.
        q: part of the name; empty for all.
    """
    wanted = select(Presence).where(Presence.live_id == live_id, _is_here())
    if q:
        wanted = wanted.where(Presence.name.contains(q, autoescape=True))
    first = Presence.part.in_(("teacher", "assistant")).desc()
    return db.session.scalars(wanted.order_by(first, Presence.unit, Presence.name, Presence.key).limit(SHOWN)).all()


def units_here(live_id: str) -> list[tuple[str, int]]:
    """Count who is here by unit, the largest first; guests are counted under no name."""
    rows = db.session.execute(
        select(Presence.unit, func.count())
        .where(Presence.live_id == live_id, _is_here())
        .group_by(Presence.unit)
        .order_by(func.count().desc(), Presence.unit)
    )
    return [(unit, count) for unit, count in rows]


def left_since(live_id: str, keys: Collection[str], before_ms: int) -> set[str]:
    """Give those of some people who have been gone since before a moment (epoch ms)."""
    gone = or_(Presence.left_ms < before_ms, and_(Presence.left_ms.is_(None), Presence.seen_ms < before_ms))
    wanted = select(Presence.key).where(Presence.live_id == live_id, Presence.key.in_(keys), gone)
    return set(db.session.scalars(wanted))


def people_present(live_id: str) -> Sequence[Presence]:
    """Give everybody who is here."""
    return db.session.scalars(select(Presence).where(Presence.live_id == live_id, _is_here())).all()


def learners_here(live_id: str) -> Select[Presence]:
    """Give the query for those who are here, learn, and have an account."""
    return select(Presence).where(
        Presence.live_id == live_id, _is_here(), Presence.part == "learner", Presence.user_id.is_not(None)
    )


def _is_here() -> ColumnElement[bool]:
    return and_(Presence.left_ms.is_(None), Presence.seen_ms > clock.now_ms() - LOST_MS)
