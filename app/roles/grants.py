"""Grants roles to people and revokes them. Nobody passes on more than she holds, elsewhere, or for longer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l

from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.extensions import db
from app.kernel import clock, web
from app.kernel.errors import AppError
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
    SomeRefused,
)
from app.roles.models import BuiltIn, Grant, Role
from app.roles.policies import FOREVER
from app.units import queries as units
from app.units.models import Unit

OF_ONE_PERSON = (PersonOutOfReach, AccountClosed, NotOneself)
"""Errors that concern one person, and not the others who would get the role."""


@dataclass(frozen=True)
class Tally:
    """The result of giving a role to several people."""

    given: list[User] = field(default_factory=list)
    changed: list[User] = field(default_factory=list)
    """People who held the role already, and now hold it until another moment."""
    unchanged: list[User] = field(default_factory=list)


def give(role: Role, user: User, unit: Unit, *, until_ms: int | None = None, by: User) -> Grant:
    """Grant a role to a person, for a unit and everything beneath it, perhaps until a moment (epoch ms).

    If she holds it there until another moment, that moment is changed.

    Raises:
        OutOfReach: `by` does not assign roles in the unit.
        PersonOutOfReach: `by` does not assign roles in the person's unit.
        NotYours: `by` does not hold the role's permissions there.
        OutlastsYours: `by` holds them for a shorter time.
        NotOneself: `by` would shorten her own role.
        LastAdministrator: no administrator without an end would be left.
        RoleElsewhere: the unit is not beneath the role's owner.
        AlreadyHeld, AccountClosed, DateOver: as they say.
    """
    with unit_of_work():
        lock(role)  # its permissions must not change between check and grant
        lock(user)
        _must_be_givable(role, user, unit, until_ms, by)
        grant = queries.grant_held(role, user, unit)
        if grant is None:
            return _give(role, user, unit, until_ms=until_ms, by=by)
        _set_end(grant, until_ms, by=by)
        return grant


def may_give(role: Role, user: User, unit: Unit, *, until_ms: int | None, by: User) -> bool:
    """Return whether `give` would give a role to a person who does not hold it there now."""
    try:
        _must_be_givable(role, user, unit, until_ms, by)
    except AppError:
        return False
    return True


def give_to_many(role: Role, people: Sequence[User], unit: Unit, *, until_ms: int | None = None, by: User) -> Tally:
    """Grant a role to several people, all of them or none.

    Raises:
        SomeRefused: some of them cannot have any role. The error names them with the reasons.
        AppError: as in `give`, except that people may hold the role already.
    """
    tally = Tally()
    refused: list[tuple[User, AppError]] = []
    with unit_of_work():
        lock(role)  # meanwhile nobody else gives it or takes it back
        holders = queries.holders_at(role, unit)
        for person in people:
            try:
                give(role, person, unit, until_ms=until_ms, by=by)
            except AlreadyHeld:
                tally.unchanged.append(person)
            except OF_ONE_PERSON as error:
                refused.append((person, error))
            else:
                (tally.changed if person.id in holders else tally.given).append(person)
        if refused:
            raise SomeRefused(refused, among=len(people))
    return tally


def end(grant: Grant, *, by: User) -> None:
    """Take a role back.

    `policies.may_end` decides who may do so.

    Raises:
        OutOfReach, NotYours, NotOneself: as they say.
        LastAdministrator: afterwards nobody could administer the service.
    """
    with unit_of_work():
        lock(grant.role)  # two administrators who leave at the same time wait for each other
        lock(grant)
        if grant.ended_ms is not None:
            return
        _must_be_able_to_end(grant, by)
        _end(grant, by_id=by.id)
        if grant.role.built_in is BuiltIn.ADMINISTRATOR:
            must_keep_an_administrator()


def must_keep_an_administrator() -> None:
    """Check that the unit of work has left an administrator.

    Raises:
        LastAdministrator: it has not.
    """
    db.session.flush()
    if queries.administrators() == 0:
        raise LastAdministrator


def appoint(user: User, which: BuiltIn, unit: Unit) -> Grant:
    """Grant a role from the start by order of the server's operator: first administrator, example academy.

    Raises:
        AlreadyHeld, AccountClosed: as they say.
    """
    with unit_of_work():
        role = queries.built_in(which)
        if queries.grant_held(role, user, unit) is not None:
            raise AlreadyHeld
        _must_be_possible(user, until_ms=None)
        return _give(role, user, unit, until_ms=None, by=None)


def end_stray(unit_id: int) -> None:
    """End the grants of a moved unit that are no longer beneath the owner of their role."""
    unit = units.unit(unit_id)
    if unit is None:
        return
    with unit_of_work():
        for grant in queries.grants_beneath(unit.path):
            if not grant.unit.is_within(grant.role.unit.path):
                _end(grant, by_id=None, why="unit.moved")


def _must_be_givable(role: Role, user: User, unit: Unit, until_ms: int | None, by: User) -> None:
    held = policies.holdings_now(by)
    if not held.covers(Permission.ROLE_ASSIGN, unit.path):
        raise OutOfReach
    if not held.covers(Permission.ROLE_ASSIGN, user.unit.path):
        raise PersonOutOfReach
    if role.deleted_ms is not None or not unit.is_within(role.unit.path):
        raise RoleElsewhere
    if not held.covers_all(role.permissions, unit.path):
        raise NotYours
    if _end_of(until_ms) > held.until(role.permissions, unit.path):
        raise OutlastsYours
    _must_be_possible(user, until_ms)


def _give(role: Role, user: User, unit: Unit, *, until_ms: int | None, by: User | None) -> Grant:
    by_id = by.id if by else None
    grant = Grant(user=user, role=role, unit=unit, by_id=by_id, until_ms=until_ms)
    db.session.add(grant)
    db.session.flush()
    policies.forget()
    _note(Action.GRANT_GIVEN, grant, by_id=by_id, until=until_ms)
    return grant


def _set_end(grant: Grant, until_ms: int | None, *, by: User) -> None:
    lock(grant)
    before_ms = grant.until_ms
    if until_ms == before_ms:
        raise AlreadyHeld
    if _end_of(until_ms) < _end_of(before_ms):
        if grant.user_id == by.id:
            raise NotOneself(_l("You cannot let a role of your own end earlier."))
        _must_be_able_to_end(grant, by)
    grant.until_ms = until_ms
    if grant.role.built_in is BuiltIn.ADMINISTRATOR:
        must_keep_an_administrator()
    policies.forget()
    before, after = _day(before_ms), _day(until_ms)
    _note(Action.GRANT_CHANGED, grant, by_id=by.id, before=before, after=after, until_ms=until_ms)


def _must_be_possible(user: User, until_ms: int | None) -> None:
    if user.closed_ms is not None:
        raise AccountClosed
    if until_ms is not None and until_ms <= clock.now_ms():
        raise DateOver


def _must_be_able_to_end(grant: Grant, by: User) -> None:
    held = policies.holdings_now(by)
    if not held.covers(Permission.ROLE_ASSIGN, grant.unit.path):
        raise OutOfReach
    if grant.user_id == by.id:
        raise NotOneself
    if not policies.may_end(by, held, grant):
        raise NotYours


def _end_of(until_ms: int | None) -> int:
    return FOREVER if until_ms is None else until_ms


def _day(until_ms: int | None) -> str:
    """Return the last day of a grant for the log, a dash if it has none."""
    return "–" if until_ms is None else web.iso_day(until_ms - 1)


def _end(grant: Grant, *, by_id: int | None, why: str = "") -> None:
    grant.ended_ms, grant.ended_by_id = clock.now_ms(), by_id
    policies.forget()
    _note(Action.GRANT_ENDED, grant, by_id=by_id, why=why)


def _note(action: Action, grant: Grant, *, by_id: int | None, **details: Any) -> None:
    audit.record(
        action, by_id=by_id, unit_id=grant.unit_id, what=grant.user.label,
        role=grant.role.name, role_id=grant.role_id, user=grant.user_id, unit=grant.unit.name, **details,
    )  # fmt: skip
