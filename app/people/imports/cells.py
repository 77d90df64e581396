"""Rows of a list in a spreadsheet, of people or of others: meaning of columns, and text of cells. Pure."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from app.kernel.characters import PASTED, TURNING, is_no_text


class Column(StrEnum):
    """Meaning of a column of the file."""

    REAL_NAME = "real_name"
    USERNAME = "username"
    STAFF_NUMBER = "staff_number"
    EMAIL = "email"
    UNIT = "unit"


KEYS = (Column.STAFF_NUMBER, Column.USERNAME, Column.EMAIL)
"""Columns that identify a person, surest first."""


class Fault(StrEnum):
    """A fault of a row. Values are stored. `views` has the sentences."""

    MISSING_NAME = "missing_name"
    NO_USERNAME = "no_username"
    TOO_LONG = "too_long"
    BAD_USERNAME = "bad_username"
    BAD_EMAIL = "bad_email"
    ODD_CHARACTERS = "odd_characters"
    FORMULA = "formula"
    DIGITS_LOST = "digits_lost"
    MERGED = "merged"
    TWIN = "twin"
    TAKEN = "taken"
    TWO_PEOPLE = "two_people"
    CLOSED = "closed"
    OUT_OF_REACH = "out_of_reach"
    HOLDS_MORE = "holds_more"
    UNIT_UNKNOWN = "unit_unknown"
    UNIT_AMBIGUOUS = "unit_ambiguous"
    UNIT_OUTSIDE = "unit_outside"


@dataclass(frozen=True)
class Finding:
    """A fault of one cell of one row."""

    row: int
    """Number in the spreadsheet, from 1."""
    column: Column
    value: str
    fault: Fault
    twin: int | None = None
    """Number of the other row, if the fault is about two."""


@dataclass(frozen=True)
class Row:
    """One line of the file. Empty cells are left out."""

    number: int
    cells: dict[Column, str]
    faults: list[tuple[Column, Fault]] = field(default_factory=list)
    """Faults that the cells themselves have shown."""


HEADERS: dict[Column, tuple[str, ...]] = {
    Column.REAL_NAME: ("姓名", "真实姓名", "名字", "人员姓名", "realname", "name", "fullname"),
    Column.USERNAME: ("用户名", "账号", "帐号", "账户", "登录名", "username", "user", "account", "login"),
    Column.STAFF_NUMBER: (
        *("工号", "职工号", "员工号", "人员编号", "职工编号", "员工编号"),
        *("staffnumber", "staffno", "staffid", "employeenumber", "employeeno", "employeeid"),
    ),
    Column.EMAIL: ("邮箱", "电子邮箱", "电子邮件", "邮件", "邮箱地址", "email", "mail", "emailaddress"),
    Column.UNIT: ("机构", "单位", "部门", "所属机构", "所在单位", "所在部门", "unit", "department", "institute"),
}
OURS = {"问题", "problem", "行号", "row"}
"""Columns that we add to a file of faulty rows. They come back with it, and mean nothing."""

LONGEST = {
    Column.REAL_NAME: 64,
    Column.USERNAME: 64,
    Column.STAFF_NUMBER: 40,
    Column.EMAIL: 254,
    Column.UNIT: 400,
}


@dataclass(frozen=True)
class Headings:
    """The columns of one kind of list."""

    names: Mapping[Any, tuple[str, ...]]
    """Headers of each column, an enum's member, as `_plain_header` writes them."""
    longest: Mapping[Any, int]
    """Maximum characters of a cell of each column."""
    keys: tuple[Any, ...]
    """Columns that identify somebody. A line of headers names one of them, and another column."""

    def column_of(self, cell: object) -> Any:
        """Return the column that a header names. `None` means that it is not one of these."""
        plain = _plain_header(cell)
        return next((column for column, names in self.names.items() if plain in names), None)


PEOPLE = Headings(HEADERS, LONGEST, KEYS)

SHOWN = 80
"""Maximum characters that are kept of a cell that is too long."""
LOOKED_AT = 2000
"""Maximum characters of a cell that are read."""

EXAMPLE_NUMBER = "EXAMPLE-001"
"""Staff number of the example row in the template. A row that is left in makes no account."""

_ERRORS = {"#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"}
_FORMULA_SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
MOST_DIGITS = 10**15
"""Limit of a number that Excel keeps in all digits."""
_ESCAPED = re.compile("_x00[01][0-9A-Fa-f]_")
"""Control characters as workbooks write them: _x000D_ is the end of a line."""


def is_ours(cell: object) -> bool:
    """Return whether a header belongs only to our own file of faulty rows."""
    return _plain_header(cell) in OURS


def columns_of(cells: Sequence[object], headings: Headings = PEOPLE) -> dict[int, Any]:
    """Return the columns of a line of headers by place (from 0). Of two with the same meaning the first counts."""
    found: dict[int, Any] = {}
    for place, cell in enumerate(cells):
        column = headings.column_of(cell)
        if column is not None and column not in found.values():
            found[place] = column
    return found


def is_header(columns: dict[int, Any], headings: Headings = PEOPLE) -> bool:
    """Return whether a line is the header: it must have a column to identify people, and another one."""
    return len(columns) > 1 and any(key in columns.values() for key in headings.keys)


def row_of(
    number: int,
    cells: Sequence[object],
    columns: dict[int, Any],
    merged: set[int],
    headings: Headings = PEOPLE,
) -> Row | None:
    """Return one line as a row. `None` means that the line is empty.

    Args:
        number: number of the line in the file, from 1.
        cells: cells as in the file.
        columns: column of each place (from 0).
        merged: places that a merged cell covers, without its first.
        headings: the kind of list.
    """
    texts: dict[Any, str] = {}
    faults: list[tuple[Any, Fault]] = []
    for place, column in columns.items():
        raw = cells[place] if place < len(cells) else None
        text, fault = read_cell(raw, headings.longest[column])
        if place in merged:
            fault = Fault.MERGED
        if text:
            texts[column] = text
        if fault:
            faults.append((column, fault))
    if not texts or texts.get(Column.STAFF_NUMBER) == EXAMPLE_NUMBER:
        return None
    return Row(number, texts, faults)


def read_cell(raw: object, longest: int) -> tuple[str, Fault | None]:
    """Return a cell's text, and its fault if there is one."""
    text = text_of(raw)
    text = " ".join(text.split()) if text.isascii() and text.isprintable() else clean(text)
    fault: Fault | None = None
    if text.startswith("'") and text[1:2] in _FORMULA_SIGNS:
        text = text[1:]  # our own files of faulty rows guard cells that way
    if text.startswith("=") or text.upper() in _ERRORS:
        fault = Fault.FORMULA
    elif isinstance(raw, int | float) and abs(raw) >= MOST_DIGITS:
        fault = Fault.DIGITS_LOST
    elif "\ufffd" in text:
        fault = Fault.ODD_CHARACTERS
    if len(text) > longest:
        text, fault = f"{text[:SHOWN]}…", Fault.TOO_LONG
    return text, fault


def text_of(raw: object) -> str:
    """Return a cell as its reader sees it: a staff number typed as the number 1001 is 1001, not 1001.0."""
    if raw is None:
        return ""
    if isinstance(raw, str):
        return _ESCAPED.sub(" ", raw[:LOOKED_AT])
    if isinstance(raw, bool):
        return str(raw).upper()
    if isinstance(raw, int):
        return str(raw) if abs(raw) < 10**400 else "#NUM!"
    if isinstance(raw, float):
        if not math.isfinite(raw):
            return "#NUM!"
        return str(int(raw)) if raw.is_integer() and abs(raw) < 10**21 else f"{raw:.15g}"
    if isinstance(raw, datetime) and raw.time() == time():
        return raw.date().isoformat()
    if isinstance(raw, datetime | date | time):
        return raw.isoformat()
    return str(raw)[:LOOKED_AT]


def clean(text: str) -> str:
    """Return a text as one line, with plain letters for full-width ones, and without invisible characters.

    Characters that no database stores, and the leftovers of old Chinese encodings in the private area, become U+FFFD.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    letters = []
    for one in unicodedata.normalize("NFKC", text):
        if one.isalnum():
            letters.append(one)
        elif one.isspace():
            letters.append(" ")
        elif (category := unicodedata.category(one)) != "Cc" and one not in PASTED and one not in TURNING:
            letters.append("\ufffd" if category == "Co" or is_no_text(one) else one)
    return " ".join("".join(letters).split())


def _plain_header(cell: object) -> str:
    """Return a header without blanks, case, stars and hints in brackets."""
    text = clean(text_of(cell)).casefold()
    text = re.sub(r"\(.*?\)|\[.*?\]|【.*?】", "", text)
    return re.sub(r"[\s_\-*:.]", "", text)
