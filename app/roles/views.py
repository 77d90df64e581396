"""View models of roles, grants and the log: plain values that cannot read the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts import queries as accounts
from app.accounts.models import User
from app.audit.models import ACTION_NAMES, Action, AuditEntry
from app.extensions import db
from app.kernel import web
from app.kernel.permissions import MEANINGS, Permission
from app.roles import policies, queries
from app.roles.models import BuiltIn, Grant, Role
from app.units import queries as units
from app.units.models import Unit


@dataclass(frozen=True)
class RoleView:
    """One role in the list."""

    id: int
    name: str
    unit: str
    note: str
    built_in: bool
    everything: bool
    """Allows everything, permissions of later versions included."""
    permissions: list[str]
    holders: int


@dataclass(frozen=True)
class GrantView:
    """One role held by a person, with the viewer's right to change it."""

    id: int
    role_id: int
    role: str
    unit_id: int
    unit: str
    by: str
    """Empty means that the grant exists from the start."""
    until_ms: int | None
    endable: bool


@dataclass(frozen=True)
class PersonView:
    """A person to whom roles can be given."""

    id: int
    real_name: str
    username: str
    staff_number: str
    unit: str
    grants: list[GrantView]
    reachable: bool
    """She may get roles from the viewer. Otherwise she only holds some in the viewer's units."""


@dataclass(frozen=True)
class LogLine:
    """One line of the log. Times are epoch milliseconds."""

    at_ms: int
    by: str
    action: str
    what: str
    unit: str
    details: list[tuple[str, str]]
    address: str


def role_views(roles: Sequence[Role]) -> list[RoleView]:
    """Return the views of roles, with the number of their holders."""
    counts = queries.holders([role.id for role in roles])
    names = units.full_names([role.unit for role in roles])
    return [
        RoleView(
            id=role.id,
            name=role.name,
            unit=names[role.unit_id],
            note=role.note,
            built_in=role.built_in is not None,
            everything=role.built_in is BuiltIn.ADMINISTRATOR,
            permissions=names_of(role.permissions),
            holders=counts.get(role.id, 0),
        )
        for role in roles
    ]


def names_of(permissions: Iterable[str]) -> list[str]:
    """Return permissions as the screen names them, in their usual order."""
    wanted = set(permissions)
    return [str(meaning.name) for one, meaning in MEANINGS.items() if one in wanted]


def grant_views(grants: Sequence[Grant], viewer: User) -> list[GrantView]:
    """Return the views of grants. `viewer` may end those that `services.end` would let her end."""
    held = policies.holdings_of(viewer)
    names = units.full_names([grant.unit for grant in grants])
    return [
        GrantView(
            id=grant.id,
            role_id=grant.role_id,
            role=grant.role.name,
            unit_id=grant.unit_id,
            unit=names[grant.unit_id],
            by=grant.by.real_name if grant.by else "",
            until_ms=grant.until_ms,
            endable=policies.may_end(viewer, held, grant),
        )
        for grant in grants
    ]


def my_roles() -> list[GrantView]:
    """Return the grants of this request's person."""
    user = accounts.me()
    return grant_views(queries.grants_of([user.id])[user.id], user)


def person_views(people: Sequence[User], viewer: User) -> list[PersonView]:
    """Return the views of people with their roles."""
    held = policies.holdings_of(viewer)
    grants = queries.grants_of([person.id for person in people])
    shown = {one.id: one for one in grant_views([grant for each in grants.values() for grant in each], viewer)}
    names = units.full_names([person.unit for person in people])
    return [
        PersonView(
            id=person.id,
            real_name=person.real_name,
            username=person.username,
            staff_number=person.staff_number or "",
            unit=names[person.unit_id],
            grants=[shown[grant.id] for grant in grants[person.id]],
            reachable=held.covers(Permission.ROLE_ASSIGN, person.unit.path),
        )
        for person in people
    ]


def log_lines(entries: Sequence[AuditEntry]) -> list[LogLine]:
    """Return entries of the log in the reader's language."""
    people = db.session.scalars(select(User).where(User.id.in_({entry.by_id for entry in entries if entry.by_id})))
    by = {person.id: person.label for person in people}
    concerned = db.session.scalars(select(Unit).where(Unit.id.in_({entry.unit_id for entry in entries}))).all()
    names = units.full_names(concerned)
    return [
        LogLine(
            at_ms=entry.at_ms,
            by=by[entry.by_id] if entry.by_id else _("the service itself"),
            action=action_name(entry.action),
            what=entry.object,
            unit=names[entry.unit_id],
            details=list(_details(entry.details)),
            address=entry.address,
        )
        for entry in entries
    ]


def action_name(action: str) -> str:
    """Return an action in the reader's language. An action that this version does not know stays as it is."""
    return str(ACTION_NAMES[Action(action)]) if action in set(Action) else action


def _details(details: dict[str, Any]) -> Iterable[tuple[str, str]]:
    """Yield the details of an entry with their labels, without numbers of rows, which mean nothing to people."""
    labels = {
        "role": _("role"),
        "unit": _("unit"),
        "permissions": _("allows"),
        "added": _("added"),
        "removed": _("removed"),
        "until": _("until"),
        "before": _("before"),
        "after": _("after"),
        "file": _("file"),
        "reason": _("reason"),
        "category": _("category"),
        "hours": _("learning hours"),
        "new": _("new"),
        "updated": _("updated"),
        "skipped": _("skipped"),
        "why": _("why"),
    }
    for key, label in labels.items():
        value = details.get(key)
        if value in (None, "", []) or (key == "role" and isinstance(value, int)):
            continue
        if key in {"permissions", "added", "removed"}:
            yield label, web.listed(names_of(value))
        elif key == "until":
            yield label, web.format_datetime(value)
        elif key == "why":
            yield label, _("the unit was moved") if value == "unit.moved" else str(value)
        else:
            yield label, str(value)
