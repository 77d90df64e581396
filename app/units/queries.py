"""Reads the tree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol, TypeVar

from sqlalchemy import select

from app.extensions import db
from app.units.models import Unit, UnitChange, UnitKind, within

NUMBERS = re.compile(r"(\d{1,15})")


class Named(Protocol):
    """Name and place of a unit, read without the rest of it."""

    @property
    def id(self) -> int: ...
    @property
    def parent_id(self) -> int | None: ...
    @property
    def path(self) -> str: ...
    @property
    def name(self) -> str: ...


Place = TypeVar("Place", bound=Named)


def root() -> Unit | None:
    """Return the academy. `None` means that it is not founded yet."""
    return db.session.scalar(select(Unit).where(Unit.parent_id.is_(None)).limit(1))


def academy() -> Unit:
    """Return the academy, which the first start founds.

    Raises:
        LookupError: the academy does not exist. `flask found` makes it.
    """
    found = root()
    if found is None:
        raise LookupError("the academy is not founded yet: run `flask found`")
    return found


def unit(unit_id: int) -> Unit | None:
    """Return a unit, or None."""
    return db.session.get(Unit, unit_id)


def unit_by_code(code: str) -> Unit | None:
    """Return a unit by its code, or None."""
    return db.session.scalar(select(Unit).where(Unit.code == code))


def beneath(path: str) -> Sequence[Unit]:
    """Return the unit with this path and all beneath it, parents before children."""
    return db.session.scalars(select(Unit).where(within(path)).order_by(Unit.path)).all()


def in_order(units: Sequence[Place]) -> list[Place]:
    """Return units in tree order: children behind their parent, siblings by name, 第2室 before 第10室."""
    by_parent: dict[int | None, list[Place]] = {}
    known = {one.id for one in units}
    for one in sorted(units, key=_by_name):
        by_parent.setdefault(one.parent_id if one.parent_id in known else None, []).append(one)
    drawn: list[Place] = []
    waiting = list(reversed(by_parent.get(None, [])))
    while waiting:
        drawn.append(one := waiting.pop())
        waiting += reversed(by_parent.get(one.id, []))
    return drawn


def _by_name(unit: Named) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (0, part) for part in NUMBERS.split(unit.name)]


def ancestors(unit: Unit) -> list[Unit]:
    """Return the units from the academy down to this one, which is included."""
    ids = [int(part) for part in unit.path.strip("/").split("/")]
    found = {one.id: one for one in db.session.scalars(select(Unit).where(Unit.id.in_(ids)))}
    return [found[one] for one in ids]


def full_name(unit: Unit) -> str:
    """Return the names down to the unit, without the academy's: 物质研究所 / 低温实验室."""
    names = [one.name for one in ancestors(unit)]
    return " / ".join(names[1:] or names)


def full_names(units: Sequence[Named]) -> dict[int, str]:
    """Return the names down to each of several units. One query reads the units above that are not among them."""
    names = {one.id: one.name for one in units}
    missing = {int(part) for one in units for part in one.path.strip("/").split("/")} - names.keys()
    if missing:
        names |= dict(db.session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(missing))).all())
    written = {}
    for one in units:
        parts = [names[int(part)] for part in one.path.strip("/").split("/")]
        written[one.id] = " / ".join(parts[1:] or parts)
    return written


def home_of(unit: Unit) -> Unit:
    """Return the institute or branch (本单位) of a unit. A unit outside of all belongs to the academy."""
    above = [one for one in ancestors(unit) if one.kind in {UnitKind.INSTITUTE, UnitKind.BRANCH}]
    return above[-1] if above else unit


def colour_of(unit: Unit) -> str:
    """Return the colour of the nearest unit, at or above one, that has any. Empty means that none has."""
    return next((one.colour for one in reversed(ancestors(unit)) if one.colour), "")


def history(unit_id: int, limit: int = 100) -> Sequence[UnitChange]:
    """Return the history of a unit, newest first."""
    return db.session.scalars(
        select(UnitChange).where(UnitChange.unit_id == unit_id).order_by(UnitChange.id.desc()).limit(limit)
    ).all()
