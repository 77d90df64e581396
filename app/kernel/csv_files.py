"""Lists that people take home and open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

MARK = "\ufeff"
"""First character of a file, by which a spreadsheet knows that it is UTF-8."""

FORMULA_SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r")
"""First characters of a formula. Some spreadsheets read full-width signs of Chinese input methods as plain ones."""

AT_ONCE = 500


def as_csv(lines: Iterable[Sequence[str]]) -> bytes:
    """Return lines as a CSV file, in which no cell becomes a formula."""
    return "".join(stream(lines)).encode()


def stream(lines: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield lines as a CSV file, some at a time, for lists of any length."""
    yield MARK
    waiting = iter(lines)
    while some := list(islice(waiting, AT_ONCE)):
        text = io.StringIO()
        csv.writer(text).writerows([guarded(cell) for cell in line] for line in some)
        yield text.getvalue()


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell
