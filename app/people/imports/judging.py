"""Judges rows of people against the world: new people, changes of known ones, faults. Pure.

A row means a known person if its staff number, else its user name, else its e-mail address is hers. For a known
person, an empty cell changes nothing. A row with any fault is left out as a whole.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.accounts.forms import EMAIL
from app.people.forms import USERNAME
from app.people.imports.cells import KEYS, Column, Fault, Finding, Row

SEPARATORS = re.compile(r"\s*[/\\>]\s*")


@dataclass(frozen=True)
class Known:
    """A person with an account, as far as an import must know her."""

    id: int
    values: dict[Column, str]
    unit_id: int
    refusal: Fault | None = None
    """Why this person may not be changed."""


@dataclass(frozen=True)
class New:
    """An account to make."""

    row: int
    real_name: str
    username: str
    email: str | None
    staff_number: str | None
    unit_id: int


@dataclass(frozen=True)
class Change:
    """An account to change: all its later values, and the differences."""

    row: int
    user_id: int
    values: dict[Column, str]
    unit_id: int
    differs: dict[Column, tuple[str, str]]
    """Column to old and new value."""


@dataclass
class Judgement:
    """The effect of an import."""

    new: list[New] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    same: int = 0
    """Number of known people without a change."""
    findings: list[Finding] = field(default_factory=list)

    @property
    def faulty(self) -> int:
        """Number of rows with faults."""
        return len({finding.row for finding in self.findings})

    @property
    def digest(self) -> str:
        """Digest of the effect: two judgements with the same digest do the same."""
        new = [[one.row, one.real_name, one.username, one.email, one.staff_number, one.unit_id] for one in self.new]
        changes = [[one.row, one.user_id, one.values, one.unit_id] for one in self.changes]
        findings = [[one.row, one.column, one.fault] for one in self.findings]
        return hashlib.sha256(json.dumps([new, changes, self.same, findings]).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Place:
    """A unit."""

    id: int
    path: str
    name: str
    code: str


@dataclass(init=False)
class Places:
    """The units, to be found by code, by name, or by names from above down to them."""

    names: dict[int, str]
    _by_name: dict[str, set[int]]
    _by_code: dict[str, int]
    _inside: set[int]

    def __init__(self, units: Iterable[Place], top: str) -> None:
        self.names, self._by_name, self._by_code, self._inside = {}, {}, {}, set()
        by_id = {unit.id: unit for unit in units}
        for unit in by_id.values():
            parts = [by_id[int(part)].name for part in unit.path.strip("/").split("/")]
            self.names[unit.id] = " / ".join(parts[1:] or parts)
            written = _plain(" / ".join(parts)).split("/")
            for start in range(len(written)):
                self._by_name.setdefault("/".join(written[start:]), set()).add(unit.id)
            if unit.code:
                self._by_code[_plain(unit.code)] = unit.id
            if unit.path.startswith(top):
                self._inside.add(unit.id)

    def find(self, text: str) -> int | Fault:
        """Return the id of the unit that a text means, among those in which people may land."""
        wanted = _plain(text)
        ids = self._by_name.get(wanted, set()) | ({self._by_code[wanted]} if wanted in self._by_code else set())
        inside = ids & self._inside
        if len(inside) == 1:
            return next(iter(inside))
        if inside:
            return Fault.UNIT_AMBIGUOUS
        return Fault.UNIT_OUTSIDE if ids else Fault.UNIT_UNKNOWN


@dataclass(frozen=True)
class World:
    """The accounts and units against which rows are judged."""

    unit_id: int
    """Unit of people whose row names none."""
    places: Places
    people: dict[Column, dict[str, Known]]
    """All people whom one of the rows could mean: key column to value to person."""


def wanted_keys(rows: Sequence[Row]) -> dict[Column, set[str]]:
    """Return the identifying values of all rows, for the world to look up."""
    wanted: dict[Column, set[str]] = {key: set() for key in KEYS}
    for row in rows:
        values = _values(row)
        for key in KEYS:
            if key in values:
                wanted[key].add(values[key])
        if Column.USERNAME not in values:
            wanted[Column.USERNAME].update(_names_for(values))
    return wanted


def judge(rows: Sequence[Row], world: World) -> Judgement:
    """Return the effect of all rows."""
    judging = _Judging(rows, world)
    for row in rows:
        judging.look_at(row)
    return judging.judgement


class _Judging:
    """Judges row by row, and remembers the values that earlier rows have taken."""

    def __init__(self, rows: Sequence[Row], world: World) -> None:
        self._world = world
        self.judgement = Judgement()
        self._taken: dict[tuple[Column, str], int] = {}
        self._met: dict[int, int] = {}
        self._written = {_values(row).get(Column.USERNAME) for row in rows}
        """User names in the rows, so that no name is invented that a later row has."""

    def look_at(self, row: Row) -> None:
        values = _values(row)
        findings = [self._found(row, column, fault) for column, fault in row.faults]
        findings += self._shape(row, values) if not findings else []
        findings += self._twins(row, values)
        known, trouble = self._known(row, values)
        unit_id = self._unit(row, findings, known)
        if trouble is None and known is None:
            findings += self._missing(row, values)
        elif trouble is not None and trouble not in findings:
            findings.append(trouble)
        if findings:
            self.judgement.findings.extend(sorted(findings, key=lambda one: list(Column).index(one.column)))
        elif known is None:
            self._add(row, values, unit_id)
        else:
            self._change(row, values, known, unit_id)

    def _shape(self, row: Row, values: dict[Column, str]) -> list[Finding]:
        found = []
        if Column.USERNAME in values and not re.match(USERNAME, values[Column.USERNAME]):
            found.append(self._found(row, Column.USERNAME, Fault.BAD_USERNAME))
        if Column.EMAIL in values and not re.match(EMAIL, values[Column.EMAIL]):
            found.append(self._found(row, Column.EMAIL, Fault.BAD_EMAIL))
        return found

    def _twins(self, row: Row, values: dict[Column, str]) -> list[Finding]:
        """Return the values that an earlier row has as well."""
        found = []
        for key in KEYS:
            if key in values:
                first = self._taken.setdefault((key, values[key]), row.number)
                if first != row.number:
                    found.append(self._found(row, key, Fault.TWIN, first))
        return found

    def _known(self, row: Row, values: dict[Column, str]) -> tuple[Known | None, Finding | None]:
        """Return the person whom the row means, and the fault in that."""
        matches = {key: self._world.people[key].get(values[key]) for key in KEYS if key in values}
        met = {key: person for key, person in matches.items() if person}
        if not met:
            return None, None
        key, person = next(iter(met.items()))
        others = [column for column, one in met.items() if one.id != person.id]
        number = values.get(Column.STAFF_NUMBER)
        if key is not Column.STAFF_NUMBER and number and person.values.get(Column.STAFF_NUMBER, number) != number:
            return None, self._found(row, key, Fault.TAKEN)  # the owner of the key has another staff number
        if others:
            fault = Fault.TAKEN if key is Column.STAFF_NUMBER else Fault.TWO_PEOPLE
            return None, self._found(row, others[0], fault)
        if person.refusal:
            return person, self._found(row, key, person.refusal)
        first = self._met.setdefault(person.id, row.number)
        return person, None if first == row.number else self._found(row, key, Fault.TWIN, first)

    def _unit(self, row: Row, findings: list[Finding], known: Known | None) -> int:
        """Return the unit for the row's person. Its faults are added to the findings."""
        if Column.UNIT not in row.cells:
            return known.unit_id if known else self._world.unit_id
        if any(finding.column is Column.UNIT for finding in findings):
            return self._world.unit_id
        found = self._world.places.find(row.cells[Column.UNIT])
        if isinstance(found, Fault):
            findings.append(self._found(row, Column.UNIT, found))
            return self._world.unit_id
        return found

    def _missing(self, row: Row, values: dict[Column, str]) -> list[Finding]:
        """Return the missing values of a new account. A user name is invented if that is possible."""
        found = []
        if Column.REAL_NAME not in values:
            found.append(self._found(row, Column.REAL_NAME, Fault.MISSING_NAME))
        if Column.USERNAME not in values:
            free = [name for name in _names_for(values) if self._is_free(name)]
            if free:
                values[Column.USERNAME] = free[0]
                self._taken[Column.USERNAME, free[0]] = row.number
            else:
                found.append(self._found(row, Column.USERNAME, Fault.NO_USERNAME))
        return found

    def _is_free(self, name: str) -> bool:
        taken = (Column.USERNAME, name) in self._taken or name in self._written
        return not taken and name not in self._world.people[Column.USERNAME]

    def _add(self, row: Row, values: dict[Column, str], unit_id: int) -> None:
        self.judgement.new.append(
            New(
                row.number,
                values[Column.REAL_NAME],
                values[Column.USERNAME],
                values.get(Column.EMAIL),
                values.get(Column.STAFF_NUMBER),
                unit_id,
            )
        )

    def _change(self, row: Row, values: dict[Column, str], known: Known, unit_id: int) -> None:
        after = {**known.values, **values}
        differs = {
            column: (known.values.get(column, ""), value)
            for column, value in after.items()
            if value != known.values.get(column, "")
        }
        if unit_id != known.unit_id:
            names = self._world.places.names
            differs[Column.UNIT] = (names[known.unit_id], names[unit_id])
        if differs:
            self.judgement.changes.append(Change(row.number, known.id, after, unit_id, differs))
        else:
            self.judgement.same += 1

    @staticmethod
    def _found(row: Row, column: Column, fault: Fault, twin: int | None = None) -> Finding:
        return Finding(row.number, column, row.cells.get(column, ""), fault, twin)


def _values(row: Row) -> dict[Column, str]:
    """Return a row's values in their stored form."""
    values: dict[Column, str] = {column: text for column, text in row.cells.items() if column is not Column.UNIT}
    for column in (Column.USERNAME, Column.EMAIL):
        if column in values:
            values[column] = values[column].lower()
    return values


def _names_for(values: dict[Column, str]) -> list[str]:
    """Return user names invented from other values, nicest first."""
    local = values.get(Column.EMAIL, "").partition("@")[0]
    names = [local, values.get(Column.STAFF_NUMBER, "").lower()]
    return [name for name in names if re.match(USERNAME, name)]


def _plain(text: str) -> str:
    """Return the name of a unit in the form for comparisons."""
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return SEPARATORS.sub("/", folded).strip("/ ")
