"""Reads people and units, as far as the person of this request manages them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts import queries as accounts
from app.accounts.models import User
from app.extensions import db
from app.kernel.permissions import Permission
from app.roles import policies
from app.units import queries as units
from app.units.models import Unit, within

OPEN, CLOSED, WAITING, ANY = "open", "closed", "waiting", "any"
STATES = (OPEN, WAITING, CLOSED, ANY)
"""States to search for. WAITING is open, but without a password, and never signed in through the academy."""


def person_for(user_id: int) -> User:
    """Return a person of a unit in which the person of this request manages people.

    Raises:
        SignInFirst, Forbidden, NotFound: as in `policies.unit_for`.
    """
    user = db.session.get(User, user_id, options=[joinedload(User.unit)])
    policies.must_cover(Permission.PEOPLE_MANAGE, user.unit.path if user else None)
    assert user is not None
    return user


def people(*, q: str, unit: Unit | None, state: str) -> Select[User]:
    """Return the query for people of the units that the person of this request manages.

    Args:
        q: part of a real name, or the beginning of a user name, staff number or e-mail. Empty means everybody.
        unit: only people of this unit and beneath.
        state: one of STATES.
    """
    held = policies.mine()
    wanted = select(User).order_by(User.real_name, User.id).options(selectinload(User.unit))
    if not held.covers(Permission.PEOPLE_MANAGE, units.academy().path):
        wanted = wanted.where(User.unit_id.in_(select(Unit.id).where(held.where(Permission.PEOPLE_MANAGE))))
    if unit is not None:
        wanted = wanted.where(User.unit_id.in_(select(Unit.id).where(within(unit.path))))
    if q:
        wanted = wanted.where(accounts.matches(q))
    return wanted if state == ANY else wanted.where(_in_state(state))


def headcount(found: Collection[Unit]) -> dict[int, int]:
    """Return the number of open accounts of units, each with everything beneath."""
    rows = db.session.execute(
        select(Unit.path, func.count(User.id))
        .join(User, User.unit_id == Unit.id)
        .where(User.closed_ms.is_(None), or_(false(), *(within(path) for path in _tops(found))))
        .group_by(Unit.path)
    ).all()
    totals: dict[int, int] = {}
    for path, count in rows:
        for part in path.strip("/").split("/"):
            totals[int(part)] = totals.get(int(part), 0) + count
    return {unit.id: totals.get(unit.id, 0) for unit in found}


def units_managed() -> list[Unit]:
    """Return the units that the person of this request manages, in tree order."""
    found = db.session.scalars(select(Unit).where(policies.mine().where(Permission.UNIT_MANAGE))).all()
    return units.in_order(found)


def _tops(found: Collection[Unit]) -> list[str]:
    """Return the paths of units without those beneath another. In sorted order these follow it at once."""
    tops: list[str] = []
    for path in sorted(unit.path for unit in found):
        if not tops or not path.startswith(tops[-1]):
            tops.append(path)
    return tops


def _in_state(state: str) -> ColumnElement[bool]:
    if state == CLOSED:
        return User.closed_ms.is_not(None)
    if state == WAITING:
        return User.closed_ms.is_(None) & User.password_hash.is_(None) & User.identity.is_(None)
    return User.closed_ms.is_(None)
