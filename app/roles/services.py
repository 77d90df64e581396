"""What happens to roles and grants. The rule behind all of it: nobody passes on more than she holds, nor elsewhere."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.accounts.errors import LinkDead
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
    BuiltInStays,
    DateOver,
    LastAdministrator,
    LockedPermission,
    NotOneself,
    NotYours,
    OutlastsYours,
    OutOfReach,
    PersonOutOfReach,
    RoleElsewhere,
    RoleInUse,
    RoleNameTaken,
)
from app.roles.models import BuiltIn, Grant, Role, RolePermission, counts_at
from app.roles.policies import FOREVER
from app.units import queries as units
from app.units import services as unit_services
from app.units.models import Unit

MANAGERS_START = frozenset(
    {
        Permission.LIVE_MANAGE,
        Permission.LIVE_MANAGE_UNIT,
        Permission.RECOMMEND_UNIT,
        Permission.ROLE_MANAGE,
        Permission.ROLE_ASSIGN,
        Permission.PEOPLE_MANAGE,
        Permission.UNIT_MANAGE,
        Permission.AUDIT_VIEW,
        Permission.CREDIT_VIEW_UNIT,
        Permission.RECORDING_EXPORT,
    }
)
"""What a training manager may do until an administrator decides otherwise."""


def found(academy: str) -> Unit:
    """Make the academy and the roles that exist from the start, as far as they are missing."""
    with unit_of_work():
        root = unit_services.found(academy)
        for which, name, permissions in (
            (BuiltIn.ADMINISTRATOR, "系统管理员", frozenset[Permission]()),
            (BuiltIn.TRAINING_MANAGER, "培训主管", MANAGERS_START),
        ):
            if db.session.scalar(select(Role.id).where(Role.built_in == which)) is None:
                role = Role(unit_id=root.id, name=name, built_in=which)
                role.rows = [RolePermission(permission=one) for one in sorted(permissions)]
                db.session.add(role)
    return root


def create_role(unit: Unit, *, name: str, permissions: Collection[Permission], note: str = "", by: User) -> Role:
    """Create a role that a unit owns.

    Raises:
        OutOfReach: `by` does not manage roles there.
        NotYours: `by` does not hold all of the permissions there.
        RoleNameTaken: the unit has a role of this name.
    """
    with unit_of_work():
        held = policies.holdings_now(by)
        if not held.covers(Permission.ROLE_MANAGE, unit.path):
            raise OutOfReach
        if not held.covers_all(permissions, unit.path):
            raise NotYours
        role = Role(unit_id=unit.id, name=name, note=note)
        role.rows = [RolePermission(permission=one) for one in sorted(permissions)]
        db.session.add(role)
        _flush_named()
        audit.record(
            Action.ROLE_CREATED, by_id=by.id, unit_id=unit.id, what=name, role=role.id, permissions=sorted(permissions)
        )
    return role


def change_role(role: Role, *, name: str, permissions: Collection[Permission], note: str = "", by: User) -> None:
    """Rename a role, or change what it allows: for everybody who holds it, at once.

    Raises:
        OutOfReach, RoleNameTaken: as in `create_role`.
        NotYours: `by` does not hold what is added; or what is removed, for nobody disarms those above her.
        OutlastsYours: somebody holds the role for longer than `by` holds what is added.
        BuiltInStays: a role from the start keeps its name, and the administrator's allows everything.
        LockedPermission: the training manager always holds the live permission.
    """
    with unit_of_work():
        lock(role)
        held, before, wanted = policies.holdings_now(by), role.permissions, frozenset(permissions)
        if not held.covers(Permission.ROLE_MANAGE, role.unit.path):
            raise OutOfReach
        if not held.covers_all(wanted ^ before, role.unit.path):
            raise NotYours
        if wanted - before and held.until(wanted - before, role.unit.path) < _held_until(role):
            raise OutlastsYours
        if role.built_in is not None and name != role.name:
            raise BuiltInStays
        if role.locked - wanted:
            raise BuiltInStays if role.built_in is BuiltIn.ADMINISTRATOR else LockedPermission
        role.name, role.note = name, note
        if role.built_in is not BuiltIn.ADMINISTRATOR:
            _set_permissions(role, wanted)
        _flush_named()
        policies.forget()
        audit.record(
            Action.ROLE_CHANGED,
            by_id=by.id,
            unit_id=role.unit_id,
            what=name,
            role=role.id,
            added=sorted(wanted - before),
            removed=sorted(before - wanted),
        )


def delete_role(role: Role, *, by: User) -> None:
    """Delete a role that nobody holds.

    Raises:
        OutOfReach: `by` does not manage roles there.
        BuiltInStays: it exists from the start.
        RoleInUse: somebody holds it.
    """
    with unit_of_work():
        lock(role)
        if not policies.holdings_now(by).covers(Permission.ROLE_MANAGE, role.unit.path):
            raise OutOfReach
        if role.built_in is not None:
            raise BuiltInStays
        if queries.holders([role.id]):
            raise RoleInUse
        audit.record(Action.ROLE_DELETED, by_id=by.id, unit_id=role.unit_id, what=role.name, role=role.id)
        role.deleted_ms = clock.now_ms()


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


def note_administrator(user: User) -> None:
    """Hear that somebody has signed in; whoever may administer the service leaves a line in the log."""
    if policies.holdings_now(user).anywhere(Permission.SYSTEM_ADMIN):
        audit.record(Action.ADMIN_SIGNED_IN, by_id=user.id, unit_id=user.unit_id, what=user.label)


def refuse_sleeping_link(user: User, by: User) -> None:
    """Hear that a link is opened which `by` made: it must not outlive the moment in which she may change the account.

    Raises:
        LinkDead: the person has got more since then than `by` holds.
    """
    if not policies.outranks(by, user):
        raise LinkDead


def _held_until(role: Role) -> int:
    """Give until when (epoch ms) somebody holds a role at the longest; 0 when nobody does."""
    ends = select(func.max(func.coalesce(Grant.until_ms, FOREVER)))
    return db.session.scalar(ends.where(Grant.role_id == role.id, counts_at(clock.now_ms()))) or 0


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
        Action.GRANT_GIVEN, by_id=by_id, unit_id=unit.id, what=user.label,
        role=role.name, role_id=role.id, user=user.id, unit=unit.name, until=until_ms,
    )  # fmt: skip
    return grant


def _end(grant: Grant, *, by_id: int | None, why: str = "") -> None:
    grant.ended_ms, grant.ended_by_id = clock.now_ms(), by_id
    policies.forget()
    audit.record(
        Action.GRANT_ENDED, by_id=by_id, unit_id=grant.unit_id,
        what=grant.user.label,
        role=grant.role.name, role_id=grant.role_id, user=grant.user_id, unit=grant.unit.name, why=why,
    )  # fmt: skip


def _set_permissions(role: Role, wanted: Iterable[Permission]) -> None:
    known = {row.permission: row for row in role.rows}
    role.rows = [known.get(one) or RolePermission(permission=one) for one in sorted(wanted)]


def _flush_named() -> None:
    try:
        db.session.flush()
    except IntegrityError:
        raise RoleNameTaken from None
