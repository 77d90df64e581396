"""Targets: hours that people of a unit are to reach in a year, such as 90, of them 60 of professional subjects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlalchemy import delete, select

from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.credits.reports.models import Target
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.units.models import Unit

ALL = ""
"""The category of a target for all categories together."""

Targets = Mapping[str, Decimal]
"""Hours by category."""


def of_unit(unit: Unit, year: int) -> Targets:
    """Return the targets that hold for people of a unit: its own newest ones, or those of the nearest unit above."""
    return of_path(unit.path, known_above([unit.path], year))


def known_above(paths: Sequence[str], year: int) -> dict[int, Targets]:
    """Return the targets that some units, and those above them, have for a year, by the unit's id."""
    above = {int(part) for path in paths for part in path.strip("/").split("/")}
    rows = db.session.scalars(select(Target).where(Target.unit_id.in_(above), Target.year <= year))
    newest: dict[int, int] = {}
    by_year: dict[tuple[int, int], dict[str, Decimal]] = {}
    for row in rows:
        newest[row.unit_id] = max(row.year, newest.get(row.unit_id, 0))
        by_year.setdefault((row.unit_id, row.year), {})[row.category] = Decimal(row.hours_hundredths) / 100
    return {unit_id: by_year[unit_id, first] for unit_id, first in newest.items()}


def of_path(path: str, known: Mapping[int, Targets]) -> Targets:
    """Return the targets of the unit with a path, out of those that `known_above` gave."""
    found = next((known[int(part)] for part in reversed(path.strip("/").split("/")) if int(part) in known), {})
    return {category: hours for category, hours in found.items() if hours}


def missing(totals: Mapping[str, Decimal], targets: Targets) -> dict[str, Decimal]:
    """Return how many hours are missing to each target that is not reached."""
    has = {**totals, ALL: sum(totals.values(), Decimal(0))}
    lacks = {category: hours - has.get(category, Decimal(0)) for category, hours in targets.items()}
    return {category: hours for category, hours in lacks.items() if hours > 0}


def set_for(unit: Unit, year: int, hours: Targets, *, by: User) -> None:
    """Set the targets of a unit and all beneath that has none of its own, from a year on; 0 hours are no target."""
    with unit_of_work():
        db.session.execute(delete(Target).where(Target.unit_id == unit.id, Target.year == year))
        db.session.add_all(
            Target(unit_id=unit.id, year=year, category=category, hours_hundredths=int(value * 100))
            for category, value in hours.items()
        )
        audit.record(
            Action.CREDIT_TARGET_SET,
            by_id=by.id,
            unit_id=unit.id,
            what=f"{unit.name} {year}",
            hours="; ".join(f"{category or '*'} {value}" for category, value in sorted(hours.items())),
        )
