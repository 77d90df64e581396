"""Opens the files of people that managers bring: xlsx and CSV of every kind, and files that only claim to be such.

The file is a stranger's. Sizes are checked before anything is unpacked, and whatever the file does ends in a sentence.
"""

from __future__ import annotations

import csv
import io
import logging
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Any, cast

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import range_boundaries

from app.people.imports.cells import (
    MOST_DIGITS,
    PEOPLE,
    Column,
    Headings,
    Row,
    clean,
    columns_of,
    is_header,
    is_ours,
    row_of,
    text_of,
)

log = logging.getLogger(__name__)

MOST_BYTES = 10_000_000
MOST_ROWS = 20_000
MOST_UNPACKED = 50_000_000
"""Maximum unpacked bytes. 20,000 people with thirty columns each unpack into 40 MB."""
MOST_OF_A_TREE = 2_000_000
"""Maximum bytes of a part that becomes a tree in memory as a whole: each byte makes several hundred."""
MOST_MARKUP = 5_000_000
"""Maximum tag openings in all parts. The 20,000 people have half as many, and as many strings."""
MOST_PARTS = 2000
MOST_COLUMNS = 60
MOST_LINES = 200_000
"""Maximum lines that are read, blank ones included."""
MOST_MERGED = 200_000
MOST_SHEETS = 10
HEADER_WITHIN = 10
"""Maximum lines down to the header. Titles and hints stand above it."""
_LITERALS = r'((?:"[^"]*"|\\.|[-+/() ])*)'
_NUMBER_FORMAT = re.compile(f"{_LITERALS}(General|[#0]{{1,40}}){_LITERALS}", re.IGNORECASE)
"""A whole number with words around it, as in "WL"0000 (ECMA-376 part 1, 18.8.31)."""


class Problem(StrEnum):
    """Why a whole file is useless. Values are stored. `views` has the sentences."""

    EMPTY = "empty"
    NO_HEADER = "no_header"
    NO_ROWS = "no_rows"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_LARGE = "too_large"
    OLD_EXCEL = "old_excel"
    NOT_A_TABLE = "not_a_table"
    ENCODING = "encoding"
    CUT = "cut"


class Unreadable(Exception):
    """The file as a whole is useless."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


@dataclass(frozen=True)
class Sheet:
    """Contents of a file."""

    columns: list[Column]
    ignored: list[str]
    """Headers that are not ours."""
    rows: list[Row]


Report = Callable[[int], object]
"""Function that takes the progress in percent."""

Line = tuple[int, Sequence[object], set[int]]
"""Number from 1, cells, and the places (from 0) that a merged cell covers."""


def read(path: Path, report: Report, headings: Headings = PEOPLE) -> Sheet:
    """Return the contents of a file with a list of some kind.

    Raises:
        Unreadable: the file is useless.
    """
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise Unreadable(Problem.EMPTY)
    if start.startswith(b"\xd0\xcf\x11\xe0"):  # OLE2: xls, and xlsx behind a password
        raise Unreadable(Problem.OLD_EXCEL)
    if start.startswith(b"PK"):
        return _read_xlsx(path, report, headings)
    text = _decode(path.read_bytes())
    return _sheet_of(_csv_lines(text, headings), text.count("\n") + 1, report, headings)


def _sheet_of(lines: Iterator[Line], total: int, report: Report, headings: Headings) -> Sheet:
    """Return the header and the rows beneath it, about `total` lines.

    Raises:
        Unreadable: there is no header, or no row beneath it, or too many.
    """
    columns, ignored = _header_of(lines, headings)
    rows: list[Row] = []
    for number, cells, merged in lines:
        if number % 500 == 0:
            report(min(99, 100 * number // total))
        row = row_of(number, cells, columns, merged, headings)
        if row is not None:
            rows.append(row)
            if len(rows) > MOST_ROWS or number > MOST_LINES:
                raise Unreadable(Problem.TOO_MANY_ROWS)
    if not rows:
        raise Unreadable(Problem.NO_ROWS)
    return Sheet(list(columns.values()), ignored, rows)


def _header_of(lines: Iterator[Line], headings: Headings) -> tuple[dict[int, Any], list[str]]:
    """Read down to the header. Return the columns by place, and the headers that are not ours."""
    before = 0
    for _number, cells, _merged_ones in islice(lines, MOST_LINES):
        if not any(text_of(cell).strip() for cell in cells):
            continue
        columns = columns_of(cells, headings)
        if is_header(columns, headings):
            return columns, _ignored(cells, columns)
        before += 1
        if before == HEADER_WITHIN:
            break
    raise Unreadable(Problem.NO_HEADER if before else Problem.EMPTY)


def _ignored(cells: Sequence[object], columns: dict[int, Any]) -> list[str]:
    texts = [clean(text_of(cell))[:40] for place, cell in enumerate(cells) if place not in columns]
    return [text for text in texts if text and not is_ours(text)][:MOST_COLUMNS]


# --- CSV


def _csv_lines(text: str, headings: Headings) -> Iterator[Line]:
    first, _newline, rest = text.partition("\n")
    if re.fullmatch(r"sep=.", first.strip().lower()):  # Excel's own hint to itself
        text = f"\n{rest}"
    csv.field_size_limit(MOST_BYTES)
    try:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text, headings))
        for number, cells in enumerate(lines, 1):
            yield number, cells[:MOST_COLUMNS], set()
    except csv.Error:
        raise Unreadable(Problem.NOT_A_TABLE) from None


def _decode(data: bytes) -> str:
    """Return the text, in the encoding of the mark at its beginning, otherwise in the first that fits.

    Raises:
        Unreadable: no encoding fits, or the file is no text.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in data[:200]:
        # of plain letters, little endian leaves the second byte empty, big endian the first
        encodings = ["utf-16-le" if data[1:200:2].count(0) >= data[:200:2].count(0) else "utf-16-be"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            if _is_cut(error):
                raise Unreadable(Problem.CUT) from None
            continue
        if "\0" in text:
            raise Unreadable(Problem.NOT_A_TABLE)
        return text.replace("\r\n", "\n").replace("\r", "\n")
    raise Unreadable(Problem.ENCODING)


def _is_cut(error: UnicodeDecodeError) -> bool:
    """Return whether the only error is the last character, of which a part is missing."""
    ends = error.reason in {"unexpected end of data", "incomplete multibyte sequence", "truncated data"}
    return ends and error.end == len(error.object) and not error.object[: error.start].isascii()


def _delimiter(text: str, headings: Headings) -> str:
    """Return the separator of cells, with which one of the first lines reads as the header."""
    lines = [line for line in text.split("\n", 40)[:40] if line.strip()][:HEADER_WITHIN]
    found = {
        sign: max((len(columns_of(next(csv.reader([line], delimiter=sign)), headings)) for line in lines), default=0)
        for sign in (",", ";", "\t")
    }
    return max(found, key=lambda sign: found[sign])


# --- xlsx


def _read_xlsx(path: Path, report: Report, headings: Headings) -> Sheet:
    with path.open("rb") as file:  # openpyxl would judge a path by its ending
        with _whatever_it_does():
            _look_at_parts(path)
            sheets = _workbook(file).worksheets
        problem = Problem.EMPTY
        for sheet in sheets[:MOST_SHEETS]:
            try:
                return _sheet_of(_xlsx_lines(path, sheet), _length(sheet), report, headings)
            except Unreadable as error:
                if error.problem not in {Problem.EMPTY, Problem.NO_HEADER}:
                    raise
                problem = max(problem, error.problem, key=lambda one: one is Problem.NO_HEADER)
    raise Unreadable(problem)


@contextmanager
def _whatever_it_does() -> Iterator[None]:
    """Turn every error into Unreadable. A broken workbook makes its reader stumble in a hundred ways."""
    try:
        yield
    except Unreadable:
        raise
    except Exception as error:  # noqa: BLE001 - see above
        log.info("a workbook could not be read: %r", error)
        raise Unreadable(Problem.NOT_A_TABLE) from None


class _Parts(zipfile.ZipFile):
    """The parts of a workbook. `open` streams strings and sheets. All that `read` returns becomes a tree in memory."""

    def open(self, name: str | zipfile.ZipInfo, *args: Any, **kwargs: Any) -> IO[bytes]:
        """Open a part that has been checked."""
        if not _is_looked_at(name if isinstance(name, str) else name.filename):
            raise Unreadable(Problem.NOT_A_TABLE)
        return super().open(name, *args, **kwargs)

    def read(self, name: str | zipfile.ZipInfo, pwd: bytes | None = None) -> bytes:
        """Return a small part."""
        info = name if isinstance(name, zipfile.ZipInfo) else self.getinfo(name)
        if info.file_size > MOST_OF_A_TREE:
            raise Unreadable(Problem.TOO_LARGE)
        return super().read(name, pwd)


def _workbook(file: IO[bytes]) -> Any:
    reader = ExcelReader(file, read_only=True, data_only=True, keep_links=False)
    reader.archive = _Parts(file)
    reader.read()
    return reader.wb


def _look_at_parts(path: Path) -> None:
    """Refuse a file that unpacks into more than any list of people, and XML that declares entities.

    The sizes are the file's own claims, but nothing beyond them is ever unpacked.
    """
    with zipfile.ZipFile(path) as parts:
        infos = parts.infolist()
        if len(infos) > MOST_PARTS or sum(info.file_size for info in infos) > MOST_UNPACKED:
            raise Unreadable(Problem.TOO_LARGE)
        markup = 0
        for info in infos:
            if _is_looked_at(info.filename):
                with parts.open(info) as part:
                    markup += _markup_of(part)
            if markup > MOST_MARKUP:
                raise Unreadable(Problem.TOO_LARGE)


def _is_looked_at(name: str) -> bool:
    """Return whether a part is checked. Pictures and the like are not, and are never opened."""
    return name.endswith((".xml", ".rels"))


def _markup_of(part: IO[bytes]) -> int:
    """Return the number of tag openings.

    Raises:
        Unreadable: the part declares entities.
    """
    found, before = 0, b""
    for some in iter(partial(part.read, 1 << 20), b""):
        found += some.count(b"<")
        plain = before + some.replace(b"\0", b"")  # it may have two bytes a letter
        if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
            raise Unreadable(Problem.NOT_A_TABLE)
        before = plain[-8:]
    return found


def _length(sheet: Any) -> int:
    """Return the number of lines that a sheet claims. `sheet` is openpyxl's read-only one, whose types tell less."""
    return max(1, min(sheet.max_row or MOST_ROWS, MOST_LINES))


def _xlsx_lines(path: Path, sheet: Any) -> Iterator[Line]:
    with _whatever_it_does():
        sheet.reset_dimensions()  # a file's claim about its own size may be wrong
        merged = _merged(path, sheet._worksheet_path)  # noqa: SLF001 - merged cells are available nowhere else
        before: object = None
        for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
            if cells is before:
                continue  # openpyxl yields the same blank for all lines that the file leaves out
            before = cells
            yield number, [_as_shown(cell) for cell in cells], merged.get(number, set())


def _as_shown(cell: Any) -> object:
    """Return a cell's value. A number gets the text of its format, as in the staff numbers 00042 and WL0042."""
    value: object = cell.value
    if type(value) is int and 0 <= value < MOST_DIGITS:
        found = _NUMBER_FORMAT.fullmatch(cell.number_format.partition(";")[0])
        if found and (found[1] or found[3] or found[2].count("0") > 1):
            return f"{_literal(found[1])}{value:0{max(1, found[2].count('0'))}d}{_literal(found[3])}"
    return value


def _literal(written: str) -> str:
    return re.sub(r'"([^"]*)"|\\(.)', r"\1\2", written)


def _merged(path: Path, part: str) -> dict[int, set[int]]:
    """Return the places (from 0) in each line that a merged cell covers, without the one that has its value."""
    with zipfile.ZipFile(path) as parts:
        text = parts.read(part.lstrip("/"))
    covered: dict[int, set[int]] = {}
    count = 0
    for found in re.finditer(rb"mergeCell\s[^>]*?ref=[\"']([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})[\"']", text):
        left, top, right, bottom = cast(tuple[int, int, int, int], range_boundaries(found[1].decode()))
        right, bottom = min(right, MOST_COLUMNS), min(bottom, MOST_ROWS + 1000)
        count += max(0, bottom - top + 1) * max(0, right - left + 1)
        if count > MOST_MERGED:
            raise Unreadable(Problem.NOT_A_TABLE)
        for line in range(top, bottom + 1):
            covered.setdefault(line, set()).update(range(left - 1, right))
        covered.get(top, set()).discard(left - 1)
    return covered
