"""People and units as templates see them: plain values, nothing that could read the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.accounts.models import User
from app.people import queries
from app.roles import queries as roles
from app.units import queries as units
from app.units.models import Unit


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
    """No way to sign in is set up yet."""
    last_seen_ms: int | None


@dataclass(frozen=True)
class UnitRow:
    """A unit in the tree."""

    id: int
    name: str
    kind: str
    code: str
    depth: int
    """Below the top that is shown, from 0."""
    people: int


def person_rows(people: Sequence[User]) -> list[PersonRow]:
    """Show people with what they hold; a constant number of queries, however many they are."""
    ids = [person.id for person in people]
    grants, seen = roles.grants_of(ids), queries.last_seen(ids)
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
            last_seen_ms=seen.get(person.id),
        )
        for person in people
    ]


def unit_rows(found: Sequence[Unit]) -> list[UnitRow]:
    """Show a tree of units with how many people are in each and beneath."""
    counts = queries.headcount(found)
    known = {unit.id: unit for unit in found}
    rows = []
    for unit in found:
        above = [part for part in unit.path.strip("/").split("/")[:-1] if int(part) in known]
        rows.append(UnitRow(unit.id, unit.name, str(unit.kind), unit.code or "", len(above), counts[unit.id]))
    return rows
