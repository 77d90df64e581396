"""Queries for the people in a room."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from app.accounts.models import User
from app.classroom.engine.presence.models import Presence, Stay
from app.extensions import db
from app.kernel import clock

LOST_MS = 45_000
"""Silence after which a person counts as gone, whatever became of the process that noted her."""

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
    """Count the people who are here."""
    row = db.session.execute(
        select(func.count(), func.count(Presence.user_id)).where(Presence.live_id == live_id, _is_here())
    ).one()
    return Counts(row[0], row[0] - row[1])


def learners(live_ids: Collection[str]) -> dict[str, int]:
    """Count the learners who are in some rooms, guests included, with one query. Rooms without any are left out."""
    if not live_ids:
        return {}
    learns = Presence.part.in_(("learner", "guest"))
    wanted = select(Presence.live_id, func.count()).where(Presence.live_id.in_(live_ids), _is_here(), learns)
    return {live_id: count for live_id, count in db.session.execute(wanted.group_by(Presence.live_id))}  # noqa: C416 - rows are no pairs to mypy


def here(live_id: str, *, q: str = "") -> Sequence[Presence]:
    """Return the first people who are here: those who teach, then by unit and name.

    Args:
        live_id: the lesson.
        q: part of the name. Empty means everybody.
    """
    wanted = select(Presence).where(Presence.live_id == live_id, _is_here())
    if q:
        wanted = wanted.where(Presence.name.contains(q, autoescape=True))
    first = Presence.part.in_(("teacher", "assistant")).desc()
    return db.session.scalars(wanted.order_by(first, Presence.unit, Presence.name, Presence.key).limit(SHOWN)).all()


def units_here(live_id: str) -> list[tuple[str, int]]:
    """Count the people who are here by unit, the largest unit first. Guests are counted under an empty name."""
    rows = db.session.execute(
        select(Presence.unit, func.count())
        .where(Presence.live_id == live_id, _is_here())
        .group_by(Presence.unit)
        .order_by(func.count().desc(), Presence.unit)
    )
    return [(unit, count) for unit, count in rows]


def left_since(live_id: str, keys: Collection[str], before_ms: int) -> set[str]:
    """Return the keys, among these, of people who have been gone since before a moment (epoch ms)."""
    gone = or_(Presence.left_ms < before_ms, and_(Presence.left_ms.is_(None), Presence.seen_ms < before_ms))
    wanted = select(Presence.key).where(Presence.live_id == live_id, Presence.key.in_(keys), gone)
    return set(db.session.scalars(wanted))


def people_present(live_id: str) -> Sequence[Presence]:
    """Return everybody who is here."""
    return db.session.scalars(select(Presence).where(Presence.live_id == live_id, _is_here())).all()


def learners_here(live_id: str) -> Select[Presence]:
    """Return the query for those who are here, learn, and have an account."""
    return select(Presence).where(
        Presence.live_id == live_id, _is_here(), Presence.part == "learner", Presence.user_id.is_not(None)
    )


@dataclass(frozen=True)
class Visit:
    """One person in one lesson, from her first stay to her last."""

    name: str
    unit: str
    """Empty for guests."""
    part: str
    """teacher, assistant, manager, learner or guest."""
    staff_number: str
    stays: list[tuple[int, int]]
    """From and to (epoch ms), in order, without overlaps."""

    @property
    def total_ms(self) -> int:
        """Time that she was there."""
        return sum(end - start for start, end in self.stays)

    @property
    def learns(self) -> bool:
        """Whether she is one of the audience."""
        return self.part in ("learner", "guest")


def visits(live_id: str, from_ms: int, to_ms: int) -> list[Visit]:
    """Return the people who were there between two moments (epoch ms): those who teach first, then by unit and name.

    A stay that nobody has ended lasts until now. If the person was not noted lately, her process has died, and it ends
    when she was last noted.
    """
    ends_ms = func.coalesce(Stay.to_ms, case((_is_here(), clock.now_ms()), else_=Presence.seen_ms))
    rows = db.session.execute(
        select(Presence.key, Stay.from_ms, ends_ms)
        .join(Stay, and_(Stay.live_id == Presence.live_id, Stay.key == Presence.key))
        .where(Presence.live_id == live_id, Stay.from_ms < to_ms, ends_ms > from_ms)
        .order_by(Stay.from_ms)
    )
    stays: dict[str, list[tuple[int, int]]] = {}
    for key, came, went in rows:
        mine = stays.setdefault(key, [])
        start, end = max(came, from_ms, mine[-1][1] if mine else 0), min(went, to_ms)
        if start < end:
            mine.append((start, end))
    people = db.session.execute(
        select(Presence.key, Presence.name, Presence.unit, Presence.part, User.staff_number)
        .outerjoin(User, User.id == Presence.user_id)
        .where(Presence.live_id == live_id)
        .order_by(Presence.part.in_(("teacher", "assistant")).desc(), Presence.unit, Presence.name, Presence.key)
    )
    return [
        Visit(name, unit, part, staff_number or "", stays[key])
        for key, name, unit, part, staff_number in people
        if stays.get(key)
    ]


def _is_here() -> ColumnElement[bool]:
    return and_(Presence.left_ms.is_(None), Presence.seen_ms > clock.now_ms() - LOST_MS)
