"""Makes, changes and deletes roles; `grants` gives them to people. Nobody makes a role of more than she holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable

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
from app.roles import grants, policies, queries
from app.roles.errors import (
    BuiltInStays,
    LockedPermission,
    NotYours,
    OutlastsYours,
    OutOfReach,
    RoleInUse,
    RoleNameTaken,
)
from app.roles.models import BuiltIn, Grant, Role, RolePermission, counts_at
from app.roles.policies import FOREVER
from app.units import services as unit_services
from app.units.models import Unit

give, give_to_many, end, appoint = grants.give, grants.give_to_many, grants.end, grants.appoint
must_keep_an_administrator = grants.must_keep_an_administrator
"""Rooms above may use it from here as well."""

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
        Permission.CREDIT_CORRECT,
        Permission.RECORDING_EXPORT,
        Permission.TICKET_ANSWER,
    }
)
"""Permissions of a training manager until an administrator decides otherwise."""


def found(academy: str) -> Unit:
    """Make the academy and the roles from the start that are missing. Return the academy."""
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
    """Rename a role, or change its permissions, for all its holders at once.

    Raises:
        OutOfReach, RoleNameTaken: as in `create_role`.
        NotYours: `by` does not hold an added permission; or a removed one, for nobody disarms people above her.
        OutlastsYours: a holder has the role for longer than `by` holds an added permission.
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
        BuiltInStays: the role exists from the start.
        RoleInUse: people hold it.
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


def note_administrator(user: User) -> None:
    """Log the sign-in of a person who may administer the service."""
    if policies.holdings_now(user).anywhere(Permission.SYSTEM_ADMIN):
        audit.record(Action.ADMIN_SIGNED_IN, by_id=user.id, unit_id=user.unit_id, what=user.label)


def refuse_sleeping_link(user: User, by: User) -> None:
    """Check an opened link that `by` made: it must not outlive her right to change the account.

    Raises:
        LinkDead: the person now holds more than `by` does.
    """
    if not policies.outranks(by, user):
        raise LinkDead


def _held_until(role: Role) -> int:
    """Return the latest end (epoch ms) among the holders of a role. 0 means that there are none."""
    ends = select(func.max(func.coalesce(Grant.until_ms, FOREVER)))
    return db.session.scalar(ends.where(Grant.role_id == role.id, counts_at(clock.now_ms()))) or 0


def _set_permissions(role: Role, wanted: Iterable[Permission]) -> None:
    known = {row.permission: row for row in role.rows}
    role.rows = [known.get(one) or RolePermission(permission=one) for one in sorted(wanted)]


def _flush_named() -> None:
    try:
        db.session.flush()
    except IntegrityError:
        raise RoleNameTaken from None
