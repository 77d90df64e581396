"""Lists that people take home as a workbook."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from app.kernel.csv_files import guarded

KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Cell = str | int | Decimal | None


def as_xlsx(title: str, lines: Iterable[Sequence[Cell]], *, widths: Sequence[int] = ()) -> bytes:
    """Return lines as a workbook of one sheet. The first line is the head, numbers stay numbers, no text is a formula.

    Args:
        title: of the sheet.
        lines: the cells.
        widths: of the columns, in characters.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    for number, line in enumerate(lines):
        cells: list[Any] = [guarded(cell) if isinstance(cell, str) else cell for cell in line]
        if number == 0:
            cells = [WriteOnlyCell(sheet, cell) for cell in cells]
            for cell in cells:
                cell.font = Font(bold=True)
        sheet.append(cells)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()
