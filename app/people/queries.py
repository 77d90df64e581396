"""Reading people and units, as far as the person of this request manages them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts import queries as accounts
from app.accounts.models import SignIn, User
from app.extensions import db
from app.kernel.permissions import Permission
from app.roles import policies
from app.units import queries as units
from app.units.models import Unit, within

OPEN, CLOSED, WAITING = "open", "closed", "waiting"
"""States to look for; WAITING: open, but no password is set and nobody has signed in through the academy."""


def person_for(user_id: int) -> User:
    """Load a person of a unit in which the person of this request manages people.

    Raises:
        SignInFirst, Forbidden, NotFound: as in `policies.unit_for`.
    """
    user = db.session.get(User, user_id, options=[joinedload(User.unit)])
    policies.must_cover(Permission.PEOPLE_MANAGE, user.unit.path if user else None)
    assert user is not None
    return user


def people(*, q: str, unit: Unit | None, state: str) -> Select[User]:
    """Search the people of the units that the person of this request manages.

    Args:
        q: part of a real name, or the beginning of a user name, staff number or e-mail; empty for all.
        unit: only people of this unit and beneath.
        state: OPEN, CLOSED, WAITING, or empty for all.
    """
    held = policies.mine()
    wanted = select(User).order_by(User.real_name, User.id).options(selectinload(User.unit))
    if not held.covers(Permission.PEOPLE_MANAGE, units.academy().path):
        wanted = wanted.where(User.unit_id.in_(select(Unit.id).where(held.where(Permission.PEOPLE_MANAGE))))
    if unit is not None:
        wanted = wanted.where(User.unit_id.in_(select(Unit.id).where(within(unit.path))))
    if q:
        wanted = wanted.where(accounts.matches(q))
    return wanted.where(_in_state(state)) if state else wanted


def last_seen(user_ids: Collection[int]) -> dict[int, int]:
    """Say when each of several people was last here, as far as a sign-in tells (epoch ms)."""
    rows = db.session.execute(
        select(SignIn.user_id, func.max(SignIn.seen_ms)).where(SignIn.user_id.in_(user_ids)).group_by(SignIn.user_id)
    )
    return dict(rows.all())


def headcount(found: Collection[Unit]) -> dict[int, int]:
    """Count the open accounts of units, each with everything beneath."""
    rows = db.session.execute(
        select(Unit.path, func.count(User.id))
        .join(User, User.unit_id == Unit.id)
        .where(User.closed_ms.is_(None))
        .group_by(Unit.path)
    ).all()
    totals: dict[int, int] = {}
    for path, count in rows:
        for part in path.strip("/").split("/"):
            totals[int(part)] = totals.get(int(part), 0) + count
    return {unit.id: totals.get(unit.id, 0) for unit in found}


def units_managed() -> list[Unit]:
    """Give the units that the person of this request manages, as a tree is drawn."""
    found = db.session.scalars(select(Unit).where(policies.mine().where(Permission.UNIT_MANAGE))).all()
    return units.in_order(found)


def _in_state(state: str) -> ColumnElement[bool]:
    if state == CLOSED:
        return User.closed_ms.is_not(None)
    if state == WAITING:
        return User.closed_ms.is_(None) & User.password_hash.is_(None) & User.identity.is_(None)
    return User.closed_ms.is_(None)
