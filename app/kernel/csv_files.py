"""Lists that people take home and open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

MARK = "\ufeff"
"""By this at its beginning a spreadsheet knows that a file is UTF-8."""

FORMULA_SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r")
"""Some spreadsheets take full-width signs, as Chinese input methods write them, for the plain ones."""

AT_ONCE = 500


def as_csv(lines: Iterable[Sequence[str]]) -> bytes:
    """Write lines as a CSV file; no cell becomes a formula."""
    return "".join(stream(lines)).encode()


def stream(lines: Iterable[Sequence[str]]) -> Iterator[str]:
    """Write lines as a CSV file, some at a time, for lists of any length."""
    yield MARK
    waiting = iter(lines)
    while some := list(islice(waiting, AT_ONCE)):
        text = io.StringIO()
        csv.writer(text).writerows([guarded(cell) for cell in line] for line in some)
        yield text.getvalue()


def guarded(cell: str) -> str:
    """Keep a cell from being a formula to a spreadsheet."""
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell
