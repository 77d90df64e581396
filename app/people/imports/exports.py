"""Files for managers: the template to fill in, and the rows that an import left out."""

from __future__ import annotations

import io
from collections.abc import Sequence

from flask_babel import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from app.kernel import csv_files
from app.people.imports.cells import EXAMPLE_NUMBER, Column, Finding, Row
from app.people.imports.views import COLUMN_NAMES, fault_sentence

WIDTHS = {Column.REAL_NAME: 16, Column.USERNAME: 18, Column.STAFF_NUMBER: 16, Column.EMAIL: 30, Column.UNIT: 40}


def template_xlsx(units: Sequence[tuple[str, str]]) -> bytes:
    """Return the template: the header, an example, and on a second sheet the units (whole name, code) to choose."""
    book = Workbook()
    people = book.worksheets[0]
    people.title = _("People")
    people.append([str(name) for name in COLUMN_NAMES.values()])
    people.append(_example(units))
    for number, width in enumerate(WIDTHS.values(), 1):
        column = people.column_dimensions[get_column_letter(number)]
        column.width, column.number_format = width, "@"  # as text: 007 stays 007
        people.cell(1, number).font = Font(bold=True)
    people.freeze_panes = "A2"
    sheet = book.create_sheet(_("Units"))
    sheet.append([_("Unit"), _("Code")])
    for unit in units:
        sheet.append([csv_files.guarded(cell) for cell in unit])
    sheet.column_dimensions["A"].width = WIDTHS[Column.UNIT]
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def template_csv(units: Sequence[tuple[str, str]]) -> bytes:
    """Return the template as CSV. The mark at its beginning tells spreadsheets that it is UTF-8."""
    return csv_files.as_csv([[str(name) for name in COLUMN_NAMES.values()], _example(units)])


def faulty_csv(rows: Sequence[Row], findings: Sequence[Finding]) -> bytes:
    """Return the rows that were left out as CSV, unchanged and with their faults, to be mended and imported again."""
    wrong: dict[int, list[str]] = {}
    for finding in findings:
        wrong.setdefault(finding.row, []).append(f"{COLUMN_NAMES[finding.column]}: {fault_sentence(finding)}")
    lines = [[_("Row"), *(str(name) for name in COLUMN_NAMES.values()), _("Problem")]]
    for row in rows:
        if row.number in wrong:
            cells = [row.cells.get(column, "") for column in COLUMN_NAMES]
            lines.append([str(row.number), *cells, " ".join(wrong[row.number])])
    return csv_files.as_csv(lines)


def _example(units: Sequence[tuple[str, str]]) -> list[str]:
    return [_("(example) Li Ming"), "liming", EXAMPLE_NUMBER, "liming@example.cn", units[0][0] if units else ""]
