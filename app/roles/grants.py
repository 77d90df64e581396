"""Roles in people's hands, given and taken back. Nobody passes on more than she holds, elsewhere, or for longer."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from sqlalchemy import select

from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.extensions import db
from app.kernel import clock
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import lock, unit_of_work
from app.roles import policies, queries
from app.roles.errors import (
    AccountClosed,
    AlreadyHeld,
    DateOver,
    LastAdministrator,
    NotOneself,
    NotYours,
    OutlastsYours,
    OutOfReach,
    PersonOutOfReach,
    RoleElsewhere,
)
from app.roles.models import BuiltIn, Grant, Role, counts_at
from app.roles.policies import FOREVER
from app.units import queries as units
from app.units.models import Unit


def give(role: Role, user: User, unit: Unit, *, until_ms: int | None = None, by: User) -> Grant:
    """Give a role to a person, for a unit and everything beneath it, perhaps until a moment (epoch ms).

    Raises:
        OutOfReach: `by` does not assign roles in the unit.
        PersonOutOfReach: nor in the person's.
        NotYours: `by` does not hold there what the role allows.
        OutlastsYours: `by` holds it for a shorter time.
        RoleElsewhere: the unit is not beneath the role's owner.
        AlreadyHeld, AccountClosed, DateOver: as they say.
    """
    with unit_of_work():
        lock(role)  # what it allows must not change between looking and giving
        lock(user)
        held = policies.holdings_now(by)
        if not held.covers(Permission.ROLE_ASSIGN, unit.path):
            raise OutOfReach
        if not held.covers(Permission.ROLE_ASSIGN, user.unit.path):
            raise PersonOutOfReach
        if role.deleted_ms is not None or not unit.is_within(role.unit.path):
            raise RoleElsewhere
        if not held.covers_all(role.permissions, unit.path):
            raise NotYours
        if (FOREVER if until_ms is None else until_ms) > held.until(role.permissions, unit.path):
            raise OutlastsYours
        return _give(role, user, unit, until_ms=until_ms, by=by)


def give_to_many(
    role: Role, people: Sequence[User], unit: Unit, *, until_ms: int | None = None, by: User
) -> list[User]:
    """Give a role to several people, all of them or none; gives those who did not hold it there already.

    Raises:
        AppError: as `give`.
    """
    given = []
    with unit_of_work():
        for person in people:
            with contextlib.suppress(AlreadyHeld):
                give(role, person, unit, until_ms=until_ms, by=by)
                given.append(person)
    return given


def end(grant: Grant, *, by: User) -> None:
    """Take a role back.

    Who may do so: see `policies.may_end`.

    Raises:
        OutOfReach, NotYours, NotOneself: as they say.
        LastAdministrator: nobody could administer the service any more.
    """
    with unit_of_work():
        lock(grant.role)  # two administrators who leave at the same time wait for each other
        lock(grant)
        if grant.ended_ms is not None:
            return
        held = policies.holdings_now(by)
        if not held.covers(Permission.ROLE_ASSIGN, grant.unit.path):
            raise OutOfReach
        if grant.user_id == by.id:
            raise NotOneself
        if not policies.may_end(by, held, grant):
            raise NotYours
        _end(grant, by_id=by.id)
        if grant.role.built_in is BuiltIn.ADMINISTRATOR:
            must_keep_an_administrator()


def must_keep_an_administrator() -> None:
    """Refuse what the unit of work has done when nobody could administer the service any more.

    Raises:
        LastAdministrator: so it is.
    """
    db.session.flush()
    if queries.administrators() == 0:
        raise LastAdministrator


def appoint(user: User, which: BuiltIn, unit: Unit) -> Grant:
    """Give a role from the start by order of the one who runs the server: first administrator, example academy."""
    with unit_of_work():
        return _give(queries.built_in(which), user, unit, until_ms=None, by=None)


def end_stray(unit_id: int) -> None:
    """Hear that a unit has moved: end the grants whose unit is no longer beneath the owner of the role."""
    unit = units.unit(unit_id)
    if unit is None:
        return
    with unit_of_work():
        for grant in queries.grants_beneath(unit.path):
            if not grant.unit.is_within(grant.role.unit.path):
                _end(grant, by_id=None, why="unit.moved")


def _give(role: Role, user: User, unit: Unit, *, until_ms: int | None, by: User | None) -> Grant:
    now = clock.now_ms()
    if user.closed_ms is not None:
        raise AccountClosed
    if until_ms is not None and until_ms <= now:
        raise DateOver
    same = select(Grant.id).where(Grant.user_id == user.id, Grant.role_id == role.id, Grant.unit_id == unit.id)
    if db.session.scalar(same.where(counts_at(now))) is not None:
        raise AlreadyHeld
    by_id = by.id if by else None
    grant = Grant(user_id=user.id, role_id=role.id, unit_id=unit.id, by_id=by_id, until_ms=until_ms)
    db.session.add(grant)
    db.session.flush()
    policies.forget()
    audit.record(
        Action.GRANT_GIVEN, by_id=by_id, unit_id=unit.id, what=f"{user.real_name} ({user.username})",
        role=role.name, role_id=role.id, user=user.id, unit=unit.name, until=until_ms,
    )  # fmt: skip
    return grant


def _end(grant: Grant, *, by_id: int | None, why: str = "") -> None:
    grant.ended_ms, grant.ended_by_id = clock.now_ms(), by_id
    policies.forget()
    audit.record(
        Action.GRANT_ENDED, by_id=by_id, unit_id=grant.unit_id,
        what=f"{grant.user.real_name} ({grant.user.username})",
        role=grant.role.name, role_id=grant.role_id, user=grant.user_id, unit=grant.unit.name, why=why,
    )  # fmt: skip
