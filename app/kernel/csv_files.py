"""Lists that people take home and open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def as_csv(lines: Iterable[Sequence[str]]) -> bytes:
    """Write lines as CSV: the mark at its beginning says that it is UTF-8, and no cell becomes a formula."""
    text = io.StringIO()
    csv.writer(text).writerows([guarded(cell) for cell in line] for line in lines)
    return f"\ufeff{text.getvalue()}".encode()


def guarded(cell: str) -> str:
    """Keep a cell from being a formula to a spreadsheet."""
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell
