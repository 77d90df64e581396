"""The one place that decides a person's permissions in each unit.

A grant gives its holder the permissions of its role in the grant's unit and everything beneath. It does so only while
that unit lies within the unit that owns the role, since a person who may change the role must answer for the unit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from flask import g, has_request_context
from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, false, or_, select
from sqlalchemy.orm import aliased

from app.accounts import queries as accounts
from app.accounts.models import User
from app.extensions import db
from app.kernel import clock
from app.kernel.errors import Forbidden, NotFound
from app.kernel.permissions import OF_THE_ACADEMY, Permission
from app.roles.models import BuiltIn, Grant, Role, RolePermission, counts_at
from app.units.models import Unit, within

FOREVER = 2**62
"""End of a grant without an end, epoch ms."""


@dataclass(frozen=True)
class Holdings:
    """All permissions of one person, with their units."""

    paths: Mapping[Permission, Mapping[str, int]] = field(default_factory=dict)
    """Permission to the paths of the units in which it was granted, each with its end (epoch ms)."""

    def anywhere(self, permission: Permission) -> bool:
        """Return whether the permission is held in any unit at all."""
        return bool(self.paths.get(permission))

    def covers(self, permission: Permission, path: str) -> bool:
        """Return whether the permission is held in the unit with this path."""
        return any(path.startswith(granted) for granted in self.paths.get(permission, ()))

    def covers_all(self, permissions: Iterable[Permission], path: str) -> bool:
        """Return whether each of the permissions is held in the unit with this path."""
        return all(self.covers(permission, path) for permission in permissions)

    def together(self, permissions: Collection[Permission], path: str) -> bool:
        """Return whether all of the permissions are held in one unit, at or beneath the one with this path."""
        beneath = {top for one in permissions for top in self.paths.get(one, ()) if top.startswith(path)}
        return any(self.covers_all(permissions, top) for top in {path, *beneath})

    def until(self, permissions: Iterable[Permission], path: str) -> int:
        """Return the moment (epoch ms) until which all of them are held in the unit with this path. 0 means not now."""
        return min((self._until(permission, path) for permission in permissions), default=FOREVER)

    def _until(self, permission: Permission, path: str) -> int:
        granted = self.paths.get(permission, {})
        return max((until for top, until in granted.items() if path.startswith(top)), default=0)

    def includes(self, other: Holdings) -> bool:
        """Return whether these holdings cover all of another person's, in the same units and for as long."""
        return all(
            self.covers(permission, path) and self.until([permission], path) >= until
            for permission, granted in other.paths.items()
            for path, until in granted.items()
        )

    def at(self, path: str) -> frozenset[Permission]:
        """Return all permissions in the unit with this path."""
        return frozenset(permission for permission in self.paths if self.covers(permission, path))

    def where(self, permission: Permission) -> ColumnElement[bool]:
        """Return the condition for units in which the permission is held."""
        return or_(false(), *(within(path) for path in self.tops(permission)))

    def tops(self, permission: Permission) -> list[str]:
        """Return the paths in which the permission was granted, without those that lie beneath another."""
        found: list[str] = []
        for path in sorted(self.paths.get(permission, ())):
            if not any(path.startswith(top) for top in found):
                found.append(path)
        return found


NOTHING = Holdings()


def holdings_of(user: User | None) -> Holdings:
    """Return a person's holdings, read once for a request. Visitors and closed accounts hold nothing."""
    if user is None or user.closed_ms is not None:
        return NOTHING
    if not has_request_context():
        return holdings_now(user)
    known: dict[int, Holdings] = g.setdefault("holdings", {})
    if user.id not in known:
        known[user.id] = holdings_now(user)
    return known[user.id]


def mine() -> Holdings:
    """Return the holdings of the signed-in person of this request."""
    return holdings_of(accounts.viewer())


def forget() -> None:
    """Drop the cached holdings of this request, because it has changed a role."""
    if has_request_context():
        g.pop("holdings", None)


def unit_for(permission: Permission, unit_id: int) -> Unit:
    """Return a unit in which the signed-in person holds the permission.

    Raises:
        SignInFirst: nobody is signed in.
        Forbidden: she holds it nowhere.
        NotFound: there is no such unit, or she holds it elsewhere.
    """
    unit = db.session.get(Unit, unit_id) if unit_id < 2**63 else None
    must_cover(permission, unit.path if unit else None)
    assert unit is not None
    return unit


def may_end(user: User, held: Holdings, grant: Grant) -> bool:
    """Return whether a person may take a grant back: where she assigns roles, if she holds it too or gave it herself.

    So the loss of a permission does not put her grants out of reach, and nobody disarms people above her. Nobody takes
    back a role of her own, because she could not undo it.
    """
    if grant.user_id == user.id or not held.covers(Permission.ROLE_ASSIGN, grant.unit.path):
        return False
    return grant.by_id == user.id or held.covers_all(grant.role.permissions, grant.unit.path)


def outranks(user: User, other: User) -> bool:
    """Return whether a person holds all that another person holds, in the same units.

    A person who may change an account can become its owner. So nobody may change an account that holds more.
    """
    return holdings_now(user).includes(holdings_now(other))


def first_unit(held: Holdings, permission: Permission) -> Unit | None:
    """Return a unit in which the permission was granted. `None` means that it is held nowhere."""
    tops = held.tops(permission)
    return db.session.scalar(select(Unit).where(Unit.path == tops[0])) if tops else None


def must_cover(permission: Permission, path: str | None) -> None:
    """Check that the person holds the permission in the unit with this path. `None` stands for a missing thing.

    Raises:
        SignInFirst, Forbidden, NotFound: as in `unit_for`.
    """
    held = holdings_of(accounts.me())
    if not held.anywhere(permission):
        raise Forbidden
    if path is None or not held.covers(permission, path):
        raise NotFound


def holdings_now(user: User) -> Holdings:
    """Return a person's holdings at this moment. Services judge by them, within their transaction."""
    return holdings_of_several([user.id]).get(user.id, NOTHING)


def holdings_of_several(user_ids: Collection[int]) -> dict[int, Holdings]:
    """Return several people's holdings at this moment, with one query. People who hold nothing are left out."""
    found: dict[int, dict[Permission, dict[str, int]]] = {}
    for row in db.session.execute(_grants_of_some(), {"user_ids": [*user_ids], "now_ms": clock.now_ms()}):
        paths = found.setdefault(row.user_id, {})
        everything = row.built_in is BuiltIn.ADMINISTRATOR
        for permission in Permission if everything else [row.permission] if row.permission else []:
            if permission in OF_THE_ACADEMY and row.in_part is not None:
                continue
            granted = paths.setdefault(permission, {})
            granted[row.path] = max(granted.get(row.path, 0), FOREVER if row.until_ms is None else row.until_ms)
    return {user_id: Holdings(paths) for user_id, paths in found.items()}


@cache
def _grants_of_some() -> Select[int, BuiltIn | None, Permission, str, int | None, int | None]:
    """Return the query for what people hold. To write it takes longer than to ask it, and nearly every request does."""
    owner = aliased(Unit)
    return (
        select(
            Grant.user_id,
            Role.built_in,
            RolePermission.permission,
            Unit.path,
            Unit.parent_id.label("in_part"),
            Grant.until_ms,
        )
        .select_from(Grant)
        .join(Role, Role.id == Grant.role_id)
        .join(Unit, Unit.id == Grant.unit_id)
        .join(owner, owner.id == Role.unit_id)
        .outerjoin(RolePermission, RolePermission.role_id == Role.id)
        .where(
            Grant.user_id.in_(bindparam("user_ids", expanding=True)),
            counts_at(bindparam("now_ms", type_=BigInteger)),
            Unit.path.startswith(owner.path),
        )
    )
