"""Looks up the world for the judgement of rows: accounts and units."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.models import User
from app.extensions import db
from app.kernel.permissions import Permission
from app.people.imports.cells import Column, Fault, Row
from app.people.imports.files import Report
from app.people.imports.judging import Known, Place, Places, World, wanted_keys
from app.roles import policies
from app.units.models import Unit

AT_ONCE = 1000
"""Maximum values in one query. SQLite and PostgreSQL take 32,766 and more."""

ATTRIBUTES: dict[Column, InstrumentedAttribute[Any]] = {
    Column.REAL_NAME: User.real_name,
    Column.USERNAME: User.username,
    Column.STAFF_NUMBER: User.staff_number,
    Column.EMAIL: User.email,
}


def world_of(rows: Sequence[Row], unit: Unit, by: User, report: Report) -> World:
    """Return all people and units that the rows could mean.

    Args:
        rows: rows of the file.
        unit: the unit for the people, who may also land beneath it.
        by: the importing manager, who changes only people whom she manages and outranks.
        report: called with the progress in percent.
    """
    found: dict[int, Any] = {}
    every = wanted_keys(rows)
    total, done = sum(len(wanted) for wanted in every.values()), 0
    for key, wanted in every.items():
        for some in _batches(wanted):
            done += len(some)
            report(100 * done // total)
            query = select(User.id, *ATTRIBUTES.values(), User.unit_id, User.closed_ms, Unit.path).join(User.unit)
            for person in db.session.execute(query.where(ATTRIBUTES[key].in_(some))):
                found[person.id] = person
    people: dict[Column, dict[str, Known]] = {key: {} for key in ATTRIBUTES}
    for known in _known(found, by):
        for key, value in known.values.items():
            people[key][value] = known
    return World(unit.id, places(unit), people)


def places(unit: Unit) -> Places:
    """Return the units by their names. Those at and beneath `unit` are places to land in."""
    rows = db.session.execute(select(Unit.id, Unit.path, Unit.name, Unit.code))
    return Places((Place(row.id, row.path, row.name, row.code or "") for row in rows), unit.path)


def _known(found: dict[int, Any], by: User) -> Iterator[Known]:
    mine = policies.holdings_now(by) if by.closed_ms is None else policies.NOTHING
    held: dict[int, policies.Holdings] = {}
    for some in _batches(found):
        held |= policies.holdings_of_several(some)
    for person in found.values():
        refusal = None
        if not mine.covers(Permission.PEOPLE_MANAGE, person.path):
            refusal = Fault.OUT_OF_REACH
        elif person.id != by.id and not mine.includes(held.get(person.id, policies.NOTHING)):
            refusal = Fault.HOLDS_MORE
        elif person.closed_ms is not None:
            refusal = Fault.CLOSED
        values = {column: getattr(person, column) for column in ATTRIBUTES if getattr(person, column)}
        yield Known(person.id, values, person.unit_id, refusal)


def _batches(values: Iterable[Any]) -> Iterator[list[Any]]:
    every = iter(values)
    while some := list(islice(every, AT_ONCE)):
        yield some
