"""View models of people and units: plain values that cannot read the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.accounts.models import User
from app.kernel.permissions import Permission
from app.people import queries
from app.roles import policies
from app.roles import queries as roles
from app.units import queries as units
from app.units.models import Unit, UnitKind

SMALL = 40
"""Maximum units of a tree that is shown unfolded."""


@dataclass(frozen=True)
class PersonRow:
    """A person in the list."""

    id: int
    real_name: str
    username: str
    staff_number: str
    unit: str
    roles: list[str]
    closed: bool
    waiting: bool
    """The person has no way to sign in yet."""
    last_seen_ms: int | None


@dataclass(frozen=True)
class Branch:
    """A unit in the tree."""

    id: int
    name: str
    above: str
    """Names down to the unit, if they are not on the screen already."""
    kind: UnitKind
    code: str
    people: int
    """Number of people in the unit and beneath."""
    listable: bool
    """The reader may see the people."""
    beneath: list[Branch]
    unfolded: bool


def person_rows(people: Sequence[User]) -> list[PersonRow]:
    """Return the views of people with their roles, by a constant number of queries."""
    ids = [person.id for person in people]
    grants = roles.grants_of(ids)
    names = units.full_names([person.unit for person in people])
    return [
        PersonRow(
            id=person.id,
            real_name=person.real_name,
            username=person.username,
            staff_number=person.staff_number or "",
            unit=names[person.unit_id],
            roles=sorted({grant.role.name for grant in grants[person.id]}),
            closed=person.closed_ms is not None,
            waiting=person.password_hash is None and person.identity is None,
            last_seen_ms=person.seen_ms,
        )
        for person in people
    ]


def tree(found: Sequence[Unit]) -> list[Branch]:
    """Return units as a tree, each with the number of people in it and beneath. A small tree is unfolded altogether."""
    draw, known = _drawing(found), {unit.id for unit in found}
    children: dict[int | None, list[Branch]] = {}
    for unit in reversed(units.in_order(found)):  # children are drawn first
        top = unit.parent_id not in known
        branch = draw(unit, beneath=children.pop(unit.id, []), above=top, unfolded=top or len(found) <= SMALL)
        children.setdefault(None if top else unit.parent_id, []).insert(0, branch)
    return children.get(None, [])


def matches(found: Sequence[Unit], q: str) -> list[Branch]:
    """Return the units that match a typed search: one word names the unit, the others units above it."""
    words, draw, names = q.lower().split(), _drawing(found), units.full_names(found)
    return [
        draw(unit, above=True)
        for unit in units.in_order(found)
        if any(word in _own(unit) for word in words)
        and all(word in names[unit.id].lower() or word in _own(unit) for word in words)
    ]


def _own(unit: Unit) -> str:
    return f"{unit.name} {unit.code or ''}".lower()


def _drawing(found: Sequence[Unit]) -> Callable[..., Branch]:
    counts, names, held = queries.headcount(found), units.full_names(found), policies.mine()

    def draw(unit: Unit, *, above: bool, beneath: Sequence[Branch] = (), unfolded: bool = False) -> Branch:
        return Branch(
            id=unit.id,
            name=unit.name,
            above=names[unit.id].removesuffix(unit.name) if above else "",
            kind=unit.kind,
            code=unit.code or "",
            people=counts[unit.id],
            listable=held.covers(Permission.PEOPLE_MANAGE, unit.path),
            beneath=list(beneath),
            unfolded=unfolded,
        )

    return draw
