"""View models of imports: plain values and sentences in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from app.people.imports import jobs
from app.people.imports.cells import LONGEST, Column, Fault, Finding
from app.people.imports.files import MOST_ROWS, Problem
from app.people.imports.queries import is_stuck
from app.people.imports.store import Counts
from app.people.models import ImportState, PeopleImport
from app.units import queries as units

GONE = "gone"

COLUMN_NAMES: dict[Column, LazyString] = {
    Column.REAL_NAME: _l("Real name"),
    Column.USERNAME: _l("User name"),
    Column.STAFF_NUMBER: _l("Staff number"),
    Column.EMAIL: _l("E-mail"),
    Column.UNIT: _l("Unit"),
}

_FAULTS: dict[Fault, LazyString] = {
    Fault.MISSING_NAME: _l("The name is missing."),
    Fault.NO_USERNAME: _l("There is no user name, and none that is free can be made of e-mail or staff number."),
    Fault.TOO_LONG: _l("Longer than %(longest)s characters."),
    Fault.BAD_USERNAME: _l("Use 2 to 64 letters, digits, dots, hyphens or underscores."),
    Fault.BAD_EMAIL: _l("This is not an e-mail address."),
    Fault.ODD_CHARACTERS: _l("Contains a character that cannot be stored; it stands here as �."),
    Fault.FORMULA: _l("This is a formula or its error; write the value itself."),
    Fault.DIGITS_LOST: _l("So long a number loses digits in a spreadsheet; format the cell as text and type it again."),
    Fault.MERGED: _l("The cell is merged with others; split it and write the value into every row."),
    Fault.TWIN: _l("The same as in row %(twin)s."),
    Fault.TAKEN: _l("Somebody else has this already."),
    Fault.TWO_PEOPLE: _l("This row means two different people who have an account."),
    Fault.CLOSED: _l("The account of this person is closed; reopen it first."),
    Fault.OUT_OF_REACH: _l("This person has an account in a unit that you do not manage."),
    Fault.HOLDS_MORE: _l("This person holds more permissions than you do, so you cannot change the account."),
    Fault.UNIT_UNKNOWN: _l("There is no unit of this name or code."),
    Fault.UNIT_AMBIGUOUS: _l("Several units have this name; write the names down to it: Institute / Department."),
    Fault.UNIT_OUTSIDE: _l("This unit does not lie in the one that you chose."),
}

_PROBLEMS: dict[str, LazyString] = {
    Problem.EMPTY: _l("There is nothing in this file."),
    Problem.NO_HEADER: _l(
        "No line with the names of the columns is found. It must stand among the first ten lines and name at least two "
        "of: real name, user name, staff number, e-mail, unit. Take the template."
    ),
    Problem.NO_ROWS: _l("There is nobody beneath the names of the columns."),
    Problem.TOO_MANY_ROWS: _l(
        "The file has more than %(rows)s rows, or very many empty ones. Split it into several files."
    ),
    Problem.TOO_LARGE: _l("The file is too large when unpacked. Save the list of people alone as a new file."),
    Problem.OLD_EXCEL: _l(
        "This is an old Excel file (.xls), or one with a password. Save it as .xlsx without a password."
    ),
    Problem.NOT_A_TABLE: _l("This is not a spreadsheet that can be read. Save it as .xlsx or CSV once more."),
    Problem.ENCODING: _l("The letters of this file cannot be read. Save it as .xlsx, or as CSV in UTF-8."),
    Problem.CUT: _l("This file ends within a letter: its end was lost. Save or download it once more, and bring that."),
    GONE: _l("The files of this import are not there any more. Bring the file once more."),
    jobs.CRASH: _l("The file could not be read because something broke on our side. Start again."),
    jobs.NO_RIGHT: _l("Nothing was written: you do not manage the people of this unit any more."),
    jobs.CHANGED: _l(
        "Nothing was written yet: accounts or units have changed since the preview. Look at this new one and confirm "
        "again."
    ),
    jobs.NOT_WRITTEN: _l("Nothing was written, because something broke on our side. Try again."),
}


@dataclass(frozen=True)
class ImportView:
    """An import. Times are epoch milliseconds."""

    id: str
    file_name: str
    unit: str
    state: str
    percent: int
    problem: str
    """The problem in a sentence. Empty means that there is none."""
    stuck: bool
    again: bool
    """Whether the import can be started again."""
    counts: Counts
    created_ms: int

    @property
    def busy(self) -> bool:
        """Whether work is under way."""
        return self.state in {ImportState.READING, ImportState.WRITING, ImportState.INVITING}


@dataclass(frozen=True)
class FindingView:
    """A fault of a row."""

    row: int
    column: str
    value: str
    sentence: str


def import_views(found: Sequence[PeopleImport], *, gone: bool = False) -> list[ImportView]:
    """Return the views of imports. With `gone`, their files no longer exist."""
    names = units.full_names([one.unit for one in found])
    return [
        ImportView(
            id=one.id,
            file_name=one.file_name,
            unit=names[one.unit_id],
            state=str(ImportState.FAILED if gone else one.state),
            percent=one.percent,
            problem=problem_sentence(GONE if gone else one.problem),
            stuck=is_stuck(one),
            again=not gone and (is_stuck(one) or one.problem == jobs.CRASH),
            counts=cast(Counts, one.counts),
            created_ms=one.created_ms,
        )
        for one in found
    ]


def finding_views(findings: Sequence[Finding]) -> list[FindingView]:
    """Return the views of faults."""
    return [FindingView(one.row, str(COLUMN_NAMES[one.column]), one.value, fault_sentence(one)) for one in findings]


def fault_sentence(finding: Finding) -> str:
    """Return the sentence about a fault."""
    return str(_FAULTS[finding.fault]) % {"twin": finding.twin, "longest": LONGEST[finding.column]}


def problem_sentence(code: str) -> str:
    """Return the sentence about a file's problem. Empty means that there is none."""
    if not code:
        return ""
    return str(_PROBLEMS[code]) % {"rows": MOST_ROWS} if code in _PROBLEMS else _("That did not work.")
