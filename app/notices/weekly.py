"""Who gets the weekly mail: those who asked for it, and the people of units whose managers switched it on.

A person's own choice counts more than her unit's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.extensions import db
from app.kernel import web
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import lock, unit_of_work
from app.notices.models import WeeklyUnit, Wishes
from app.roles.policies import Holdings
from app.units.models import Unit, within


@dataclass(frozen=True)
class Reach:
    """A unit whose people get the mail."""

    unit: Unit
    by: User
    people: int
    """People who get the mail now, also by a wish of their own."""


def switch_on(unit: Unit, *, by: User) -> None:
    """Let the mail go to the people of a unit and beneath who have not chosen otherwise."""
    with unit_of_work():
        lock(unit)
        if db.session.get(WeeklyUnit, unit.id) is None:
            db.session.add(WeeklyUnit(unit_id=unit.id, by_id=by.id, language=web.language(), site=web.root()[:200]))
            audit.record(Action.WEEKLY_ON, by_id=by.id, unit_id=unit.id, what=unit.name)


def switch_off(unit: Unit, *, by: User) -> None:
    """Send no more of it to people of a unit who have not asked for it themselves."""
    with unit_of_work():
        lock(unit)
        found = db.session.get(WeeklyUnit, unit.id)
        if found is not None:
            db.session.delete(found)
            audit.record(Action.WEEKLY_OFF, by_id=by.id, unit_id=unit.id, what=unit.name)


def of_unit(unit: Unit) -> WeeklyUnit | None:
    """Return what brings the mail to a unit's people: the nearest unit at or above it that has it. `None`: nothing."""
    above = [int(part) for part in unit.path.strip("/").split("/")]
    wanted = select(WeeklyUnit).join(WeeklyUnit.unit).where(WeeklyUnit.unit_id.in_(above))
    return db.session.scalar(wanted.order_by(func.length(Unit.path).desc()).limit(1))


def in_reach(held: Holdings) -> list[Reach]:
    """Return the units that have it, of those whose lessons somebody manages."""
    wanted = select(WeeklyUnit).join(WeeklyUnit.unit).where(held.where(Permission.LIVE_MANAGE_UNIT))
    rows = db.session.scalars(
        wanted.order_by(Unit.path).options(joinedload(WeeklyUnit.unit), joinedload(WeeklyUnit.by))
    )
    return [Reach(row.unit, row.by, _count(row.unit)) for row in rows]


def next_recipients(after_id: int, most: int) -> Sequence[User]:
    """Return the next people to write to, in the order of their ids."""
    paths = db.session.scalars(select(Unit.path).join(WeeklyUnit, WeeklyUnit.unit_id == Unit.id)).all()
    wanted = _wanting(or_(false(), *(within(path) for path in paths))).where(User.id > after_id)
    return db.session.scalars(wanted.order_by(User.id).limit(most).options(joinedload(User.unit))).all()


def _count(unit: Unit) -> int:
    beneath = _wanting(within(unit.path)).where(within(unit.path)).with_only_columns(User.id)
    return db.session.scalar(select(func.count()).select_from(beneath.subquery())) or 0


def _wanting(in_units: ColumnElement[bool]) -> Select[User]:
    undecided = or_(Wishes.user_id.is_(None), Wishes.weekly.is_(None))
    return (
        select(User)
        .join(User.unit)
        .outerjoin(Wishes, Wishes.user_id == User.id)
        .where(
            User.email.is_not(None),
            User.closed_ms.is_(None),
            or_(Wishes.weekly.is_(True), and_(undecided, in_units)),
        )
    )
