"""What managers do with people and units: each deed is judged, done, and noted in the log, all in one transaction."""

from __future__ import annotations

from app.accounts import passwords
from app.accounts import services as accounts
from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import unit_of_work
from app.people.errors import HoldsMore, NoAddress, NotOneself
from app.roles import policies
from app.roles import services as roles
from app.roles.errors import OutOfReach
from app.units import queries as units
from app.units import services as unit_services
from app.units.models import Unit, UnitKind


def create(unit: Unit, *, username: str, real_name: str, email: str, staff_number: str, by: User) -> User:
    """Make an account in a unit.

    Raises:
        OutOfReach: `by` does not manage the unit's people.
        UsernameTaken, EmailTaken, StaffNumberTaken: somebody has the same.
    """
    with unit_of_work():
        _must_manage(by, Permission.PEOPLE_MANAGE, unit)
        user = accounts.create_user(
            username=username, real_name=real_name, unit=unit, email=email, staff_number=staff_number
        )
        _note(Action.PERSON_CREATED, user, by, unit=units.full_name(unit))
    return user


def change(user: User, *, username: str, real_name: str, email: str, staff_number: str, by: User) -> None:
    """Correct what is known about a person.

    Raises:
        OutOfReach, HoldsMore: `by` may not.
        UsernameTaken, EmailTaken, StaffNumberTaken: somebody else has the same.
    """
    with unit_of_work():
        _must_manage_person(by, user)
        before = _known(user)
        accounts.change_user(
            user, username=username, real_name=real_name, email=email or None, staff_number=staff_number or None
        )
        after = _known(user)
        changed = [key for key, value in after.items() if value != before[key]]
        if changed:
            _note(
                Action.PERSON_CHANGED,
                user,
                by,
                before=", ".join(before[key] for key in changed),
                after=", ".join(after[key] for key in changed),
            )


def move(user: User, unit: Unit, *, by: User) -> None:
    """Let a person belong to another unit; the roles that she holds stay where they are.

    Raises:
        OutOfReach, HoldsMore: `by` may not, here or there.
    """
    with unit_of_work():
        _must_manage_person(by, user)
        _must_manage(by, Permission.PEOPLE_MANAGE, unit)
        if unit.id == user.unit_id:
            return
        before = units.full_name(user.unit)
        user.unit = unit
        policies.forget()
        _note(Action.PERSON_MOVED, user, by, before=before, after=units.full_name(unit))


def close(user: User, *, by: User) -> None:
    """Let nobody sign in with an account any more; it can be reopened.

    Raises:
        OutOfReach, HoldsMore, NotOneself: `by` may not.
        LastAdministrator: nobody could administer the service any more.
    """
    with unit_of_work():
        _must_manage_person(by, user)
        if user.id == by.id:
            raise NotOneself
        if user.closed_ms is None:
            administers = policies.holdings_now(user).anywhere(Permission.SYSTEM_ADMIN)
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
        if user.closed_ms is not None:
            accounts.reopen_account(user)
            _must_manage_person(by, user)  # after it is open: a closed account holds nothing
            _note(Action.PERSON_REOPENED, user, by)


def invite(user: User, *, by: User) -> None:
    """Mail a link with which a person sets her password.

    Raises:
        OutOfReach, HoldsMore: `by` may not.
        NoAddress: there is nowhere to mail it.
    """
    with unit_of_work():
        _must_manage_person(by, user)
        if not passwords.invite([user], by_id=by.id):
            raise NoAddress


def make_link(user: User, *, by: User) -> str:
    """Make a link that sets a person's password, to be handed over by hand.

    Raises:
        OutOfReach, HoldsMore: `by` may not.
    """
    with unit_of_work():
        _must_manage_person(by, user)
        _note(Action.LINK_MADE, user, by)
    return passwords.password_link(user)


def create_unit(parent: Unit, *, name: str, kind: UnitKind, code: str, by: User) -> Unit:
    """Make a unit beneath another.

    Raises:
        OutOfReach: `by` does not manage units there.
        UnitExists, CodeTaken, TooDeep: as they say.
    """
    with unit_of_work():
        _must_manage(by, Permission.UNIT_MANAGE, parent)
        unit = unit_services.create(parent, name=name, kind=kind, code=code, by_id=by.id)
        audit.record(Action.UNIT_CREATED, by_id=by.id, unit_id=unit.id, what=units.full_name(unit))
    return unit


def change_unit(unit: Unit, *, name: str, kind: UnitKind, code: str, by: User) -> None:
    """Rename a unit, or correct its kind or code.

    Raises:
        OutOfReach: `by` does not manage it.
        UnitExists, CodeTaken: as they say.
    """
    with unit_of_work():
        _must_manage(by, Permission.UNIT_MANAGE, unit)
        before = unit.name
        unit_services.change(unit, name=name, kind=kind, code=code, by_id=by.id)
        audit.record(Action.UNIT_CHANGED, by_id=by.id, unit_id=unit.id, what=name, before=before, after=name)


def move_unit(unit: Unit, target: Unit, *, by: User) -> None:
    """Hang a unit, with all beneath it, under another one.

    Raises:
        OutOfReach: `by` does not manage both the unit above it and the new one.
        RootStays, IntoItself, UnitExists, TooDeep: as they say.
    """
    with unit_of_work():
        above = units.unit(unit.parent_id) if unit.parent_id else unit
        _must_manage(by, Permission.UNIT_MANAGE, above or unit)
        _must_manage(by, Permission.UNIT_MANAGE, target)
        before = units.full_name(unit)
        unit_services.move(unit, target, by_id=by.id)
        policies.forget()
        after = units.full_name(unit)
        audit.record(Action.UNIT_MOVED, by_id=by.id, unit_id=unit.id, what=unit.name, before=before, after=after)


def _must_manage(by: User, permission: Permission, unit: Unit) -> None:
    if not policies.holdings_now(by).covers(permission, unit.path):
        raise OutOfReach


def _must_manage_person(by: User, user: User) -> None:
    _must_manage(by, Permission.PEOPLE_MANAGE, user.unit)
    if user.id != by.id and not policies.outranks(by, user):
        raise HoldsMore


def _known(user: User) -> dict[str, str]:
    return {
        "real_name": user.real_name,
        "username": user.username,
        "email": user.email or "–",
        "staff_number": user.staff_number or "–",
    }


def _note(action: Action, user: User, by: User, **details: str) -> None:
    what = f"{user.real_name} ({user.username})"
    audit.record(action, by_id=by.id, unit_id=user.unit_id, what=what, **details)
