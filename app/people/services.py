"""Deeds of managers with people and units. Each is checked, done and logged in one transaction."""

from __future__ import annotations

from app.accounts import passwords
from app.accounts import services as accounts
from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import lock, unit_of_work
from app.people.errors import HoldsMore, NoAddress, NotOneself
from app.roles import policies
from app.roles import queries as role_queries
from app.roles import services as roles
from app.roles.errors import AccountClosed, OutOfReach
from app.roles.models import BuiltIn
from app.units import queries as units
from app.units import services as unit_services
from app.units.models import KIND_NAMES, Unit, UnitKind


def create(unit: Unit, *, username: str, real_name: str, email: str, staff_number: str, by: User) -> User:
    """Return a new account in a unit.

    Raises:
        OutOfReach: `by` does not manage the unit's people.
        UsernameTaken, EmailTaken, StaffNumberTaken: another person has the same.
    """
    with unit_of_work():
        _must_manage(by, Permission.PEOPLE_MANAGE, unit)
        user = accounts.create_user(
            username=username, real_name=real_name, unit=unit, email=email, staff_number=staff_number, by_id=by.id
        )
        _note(Action.PERSON_CREATED, user, by, unit=units.full_name(unit))
    return user


def change(user: User, *, username: str, real_name: str, email: str, staff_number: str, by: User) -> None:
    """Correct a person's data.

    Raises:
        OutOfReach, HoldsMore: `by` may not.
        UsernameTaken, EmailTaken, StaffNumberTaken: another person has the same.
    """
    with unit_of_work():
        _must_manage_person(by, user)
        before, old_email = _known(user), user.email
        accounts.change_user(
            user,
            username=username,
            real_name=real_name,
            email=email or None,
            staff_number=staff_number or None,
            by_id=by.id,
        )
        after = _known(user)
        if changed := _changes(before, after):
            _note(Action.PERSON_CHANGED, user, by, **changed)
        if old_email and old_email != user.email:
            accounts.tell_old_address(old_email, user.real_name, user.username, after["email"])


def move(user: User, unit: Unit, *, by: User) -> None:
    """Move a person to another unit. Her roles stay where they are.

    Raises:
        OutOfReach, HoldsMore: `by` may not, here or there.
    """
    with unit_of_work():
        _must_manage_person(by, user)
        _must_manage(by, Permission.PEOPLE_MANAGE, unit)
        if unit.id == user.unit_id:
            return
        left, user.unit = user.unit, unit
        policies.forget()
        places = {"before": units.full_name(left), "after": units.full_name(unit)}
        audit.record_move(Action.PERSON_MOVED, by_id=by.id, left=left, reached=unit, what=user.label, **places)


def close(user: User, *, by: User) -> None:
    """Close an account, so that nobody can sign in with it. It can be reopened.

    Raises:
        OutOfReach, HoldsMore, NotOneself: `by` may not.
        LastAdministrator: afterwards nobody could administer the service.
    """
    with unit_of_work():
        _must_manage_person(by, user)
        if user.id == by.id:
            raise NotOneself
        if user.closed_ms is not None:
            return
        administers = policies.holdings_now(user).anywhere(Permission.SYSTEM_ADMIN)
        if administers:
            lock(role_queries.built_in(BuiltIn.ADMINISTRATOR))  # two people who close each other's accounts wait here
        accounts.close_account(user)
        if administers:
            roles.must_keep_an_administrator()
        _note(Action.PERSON_CLOSED, user, by)


def reopen(user: User, *, by: User) -> None:
    """Let the owner of a closed account sign in again.

    Raises:
        OutOfReach, HoldsMore: `by` may not.
    """
    with unit_of_work():
        _must_manage_person(by, user)
        if user.closed_ms is not None:
            accounts.reopen_account(user)
            _note(Action.PERSON_REOPENED, user, by)


def invite(user: User, *, by: User) -> None:
    """Mail a link with which a person sets her password.

    Raises:
        OutOfReach, HoldsMore: `by` may not.
        AccountClosed: nobody could sign in with it.
        NoAddress: there is nowhere to mail it.
    """
    with unit_of_work():
        _must_manage_person(by, user)
        _must_be_open(user)
        if not passwords.invite([user], by_id=by.id):
            raise NoAddress


def make_link(user: User, *, by: User) -> str:
    """Return a link that sets a person's password, to be handed over in person.

    Raises:
        OutOfReach, HoldsMore: `by` may not.
        AccountClosed: nobody could sign in with it.
    """
    with unit_of_work():
        _must_manage_person(by, user)
        _must_be_open(user)
        _note(Action.LINK_MADE, user, by)
    return passwords.password_link(user, by_id=by.id)


def create_unit(parent: Unit, *, name: str, kind: UnitKind, code: str, by: User) -> Unit:
    """Return a new unit beneath another.

    Raises:
        OutOfReach: `by` does not manage units there.
        UnitExists, CodeTaken, TooDeep: as they say.
    """
    with unit_of_work():
        _must_manage(by, Permission.UNIT_MANAGE, parent)
        unit = unit_services.create(parent, name=name, kind=kind, code=code, by_id=by.id)
        audit.record(Action.UNIT_CREATED, by_id=by.id, unit_id=unit.id, what=units.full_name(unit))
    return unit


def change_unit(unit: Unit, *, name: str, kind: UnitKind, code: str, colour: str, by: User) -> None:
    """Rename a unit, or correct its kind, code or colour.

    Raises:
        OutOfReach: `by` does not manage the unit.
        UnitExists, CodeTaken: as they say.
    """
    with unit_of_work():
        _must_manage(by, Permission.UNIT_MANAGE, unit)
        before = _known_of_unit(unit)
        unit_services.change(unit, name=name, kind=kind, code=code, by_id=by.id)
        unit_services.paint(unit, colour)
        if changed := _changes(before, _known_of_unit(unit)):
            audit.record(Action.UNIT_CHANGED, by_id=by.id, unit_id=unit.id, what=units.full_name(unit), **changed)


def move_unit(unit: Unit, target: Unit, *, by: User) -> None:
    """Move a unit, with all beneath it, under another one.

    Raises:
        OutOfReach: `by` does not manage both the unit above it and the new one.
        RootStays, IntoItself, UnitExists, TooDeep: as they say.
    """
    with unit_of_work():
        lock(units.academy())  # every move locks it, so neither place moves away meanwhile
        above = units.unit(unit.parent_id) if unit.parent_id else unit
        _must_manage(by, Permission.UNIT_MANAGE, above or unit)
        _must_manage(by, Permission.UNIT_MANAGE, target)
        if target.id == unit.parent_id:
            return
        before = units.full_name(unit)
        unit_services.move(unit, target, by_id=by.id)
        policies.forget()
        after = units.full_name(unit)
        places = {"before": before, "after": after}
        audit.record_move(Action.UNIT_MOVED, by_id=by.id, left=above or unit, reached=unit, what=unit.name, **places)


def _must_manage(by: User, permission: Permission, unit: Unit) -> None:
    if not policies.holdings_now(by).covers(permission, unit.path):
        raise OutOfReach


def _must_manage_person(by: User, user: User) -> None:
    _must_manage(by, Permission.PEOPLE_MANAGE, user.unit)
    if user.id != by.id and not policies.outranks(by, user):
        raise HoldsMore


def _must_be_open(user: User) -> None:
    if user.closed_ms is not None:
        raise AccountClosed


def _known(user: User) -> dict[str, str]:
    return {
        "real_name": user.real_name,
        "username": user.username,
        "email": user.email or "–",
        "staff_number": user.staff_number or "–",
    }


def _known_of_unit(unit: Unit) -> dict[str, str]:
    known = {"name": unit.name, "kind": str(KIND_NAMES[unit.kind])}
    return {**known, "code": unit.code or "–", "colour": unit.colour or "–"}


def _changes(before: dict[str, str], after: dict[str, str]) -> dict[str, str]:
    """Return the changes for the log, with old and new values. Empty means that there are none."""
    changed = [key for key in after if after[key] != before[key]]
    if not changed:
        return {}
    return {
        "before": ", ".join(before[key] for key in changed),
        "after": ", ".join(after[key] for key in changed),
    }


def _note(action: Action, user: User, by: User, **details: str) -> None:
    audit.record(action, by_id=by.id, unit_id=user.unit_id, what=user.label, **details)
