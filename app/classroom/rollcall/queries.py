"""Reading roll-calls."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select

from app.classroom.rollcall.models import Called, Confirmation, Outcome, RollCall
from app.extensions import db
from app.live.lifecycle import OVER, LiveState
from app.live.models import LiveSession

TAUGHT = (LiveState.ON_AIR, LiveState.INTERRUPTED)
"""In these a roll-call goes on: an encoder that is lost for a moment takes nobody out of the room."""


@dataclass(frozen=True)
class Tally:
    """A roll-call in numbers."""

    called: int
    present: int
    """Of those who were called."""
    late: int
    """People who came in after the call, and confirmed."""
    guests: int
    """People who confirmed without an account. They count for nothing."""

    @property
    def missing(self) -> int:
        """Called, and not confirmed."""
        return self.called - self.present


def running(live_id: str) -> RollCall | None:
    """Return the roll-call in which people are being asked."""
    return db.session.scalars(select(RollCall).where(RollCall.live_id == live_id, *_runs())).first()


def running_in(live_ids: Collection[str]) -> Sequence[RollCall]:
    """Return what runs in some lessons."""
    return db.session.scalars(select(RollCall).where(RollCall.live_id.in_(live_ids), *_runs())).all()


def newest(live_id: str) -> RollCall | None:
    """Return the roll-call that began last, whatever became of it."""
    wanted = select(RollCall).where(RollCall.live_id == live_id, RollCall.began_ms.is_not(None))
    return db.session.scalars(wanted.order_by(RollCall.began_ms.desc(), RollCall.id.desc()).limit(1)).first()


def held(live_id: str) -> Sequence[RollCall]:
    """Return every roll-call that has begun, in order."""
    wanted = select(RollCall).where(RollCall.live_id == live_id, RollCall.began_ms.is_not(None))
    return db.session.scalars(wanted.order_by(RollCall.began_ms, RollCall.id)).all()


def planned(live_id: str) -> Sequence[RollCall]:
    """Return those that are still to come."""
    wanted = select(RollCall).where(RollCall.live_id == live_id, *_waits())
    return db.session.scalars(wanted.order_by(RollCall.due_ms, RollCall.id)).all()


def planned_by_hand(live_id: str) -> Sequence[RollCall]:
    """Return those that are still to come and that a presenter has planned, not a rule."""
    return [roll for roll in planned(live_id) if roll.by_id is not None]


def has_checks(live_id: str) -> bool:
    """Return whether a rule has planned some for a lesson, whatever became of them."""
    wanted = select(RollCall.id).where(
        RollCall.live_id == live_id, RollCall.by_id.is_(None), RollCall.due_ms.is_not(None)
    )
    return db.session.scalar(wanted.limit(1)) is not None


def not_held(live_id: str) -> int:
    """Count those that were planned and never came."""
    wanted = select(func.count()).where(
        RollCall.live_id == live_id, RollCall.began_ms.is_(None), RollCall.closed_ms.is_not(None)
    )
    return db.session.scalar(wanted) or 0


def over(now_ms: int) -> Sequence[int]:
    """Name those that run although their time is over at a moment (epoch ms), or nobody is being taught."""
    wanted = (
        select(RollCall.id)
        .join(LiveSession, LiveSession.id == RollCall.live_id)
        .where(*_runs(), or_(RollCall.deadline_ms < now_ms, LiveSession.state.not_in(TAUGHT)))
    )
    return db.session.scalars(wanted).all()


def cut_short(back_ms: int) -> Sequence[int]:
    """Name those that run and began before the service came back from an outage (epoch ms)."""
    return db.session.scalars(
        select(RollCall.id).where(*_runs(), RollCall.deadline_ms - RollCall.length_s * 1000 < back_ms)
    ).all()


def due(now_ms: int) -> Sequence[int]:
    """Name the planned ones whose moment (epoch ms) has come in lessons that are on air, the earliest first."""
    wanted = (
        select(RollCall.id)
        .join(LiveSession, LiveSession.id == RollCall.live_id)
        .where(*_waits(), RollCall.due_ms <= now_ms, LiveSession.state == LiveState.ON_AIR)
    )
    return db.session.scalars(wanted.order_by(RollCall.due_ms, RollCall.id)).all()


def overtaken() -> Sequence[str]:
    """Name the lessons that are over and have roll-calls planned."""
    wanted = select(RollCall.live_id).join(LiveSession, LiveSession.id == RollCall.live_id)
    return db.session.scalars(wanted.where(*_waits(), LiveSession.state.in_(OVER)).distinct()).all()


def of_lesson(live_id: str, roll_id: int) -> RollCall | None:
    """Find a roll-call of a lesson."""
    return db.session.scalar(select(RollCall).where(RollCall.id == roll_id, RollCall.live_id == live_id))


def has_confirmed(live_id: str, roll_id: int, key: str) -> bool:
    """Return whether somebody has confirmed in a roll-call of a lesson."""
    wanted = select(Confirmation.key).join(RollCall, RollCall.id == Confirmation.roll_id)
    return (
        db.session.scalar(
            wanted.where(RollCall.live_id == live_id, Confirmation.roll_id == roll_id, Confirmation.key == key)
        )
        is not None
    )


def tallies(roll_ids: Collection[int]) -> dict[int, Tally]:
    """Count some roll-calls."""
    called = db.session.execute(
        select(Called.roll_id, func.count()).where(Called.roll_id.in_(roll_ids)).group_by(Called.roll_id)
    )
    number = {roll_id: count for roll_id, count in called}  # noqa: C416 - rows are no pairs to mypy
    was_called = and_(Called.roll_id == Confirmation.roll_id, Called.key == Confirmation.key)
    confirmed = db.session.execute(
        select(Confirmation.roll_id, func.count(), func.count(Called.key), func.count(Confirmation.user_id))
        .outerjoin(Called, was_called)
        .where(Confirmation.roll_id.in_(roll_ids))
        .group_by(Confirmation.roll_id)
    )
    counted = {roll_id: (all_, present, with_account) for roll_id, all_, present, with_account in confirmed}
    found = {}
    for roll_id in roll_ids:
        all_, present, with_account = counted.get(roll_id, (0, 0, 0))
        found[roll_id] = Tally(number.get(roll_id, 0), present, with_account - present, all_ - with_account)
    return found


def called_in(roll_ids: Collection[int]) -> Sequence[Called]:
    """Return who was called in some roll-calls."""
    return db.session.scalars(select(Called).where(Called.roll_id.in_(roll_ids))).all()


def confirmed_in(roll_ids: Collection[int]) -> Sequence[Confirmation]:
    """Return who has confirmed in some roll-calls and has an account."""
    wanted = select(Confirmation).where(Confirmation.roll_id.in_(roll_ids), Confirmation.user_id.is_not(None))
    return db.session.scalars(wanted).all()


def attendance(live_id: str) -> dict[int, tuple[int, int]]:
    """Return for each account how many roll-calls of a lesson reached it, and how many of these were confirmed."""
    was_confirmed = and_(Confirmation.roll_id == Called.roll_id, Confirmation.key == Called.key)
    rows = db.session.execute(
        select(Called.user_id, func.count(Called.roll_id.distinct()), func.count(Confirmation.roll_id.distinct()))
        .join(RollCall, RollCall.id == Called.roll_id)
        .outerjoin(Confirmation, was_confirmed)
        .where(
            RollCall.live_id == live_id,
            RollCall.began_ms.is_not(None),
            or_(RollCall.outcome.is_(None), RollCall.outcome != Outcome.CANCELLED),
        )
        .group_by(Called.user_id)
    )
    return {user_id: (reached, confirmed) for user_id, reached, confirmed in rows}


def _runs() -> tuple[ColumnElement[bool], ...]:
    return RollCall.began_ms.is_not(None), RollCall.closed_ms.is_(None)


def _waits() -> tuple[ColumnElement[bool], ...]:
    return RollCall.began_ms.is_(None), RollCall.closed_ms.is_(None)
