"""Lists of learning hours that people take home."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from flask import Response
from flask_babel import gettext as _

from app.credits.ledger import queries as ledger
from app.credits.ledger.models import Entry
from app.credits.reports.certificates import watched
from app.credits.reports.views import kind_name
from app.credits.rules.categories import name_of
from app.kernel import clock, csv_files, web, xlsx_files
from app.kernel.xlsx_files import Cell

Line = Sequence[Cell]

WIDTHS = (8, 20, 14, 16, 14, 40, 40, 14, 12, 10, 10, 30)


def as_file(name: str, ending: str, lines: Iterable[Line], widths: Sequence[int] = ()) -> Response:
    """Write a list as xlsx or CSV."""
    if ending == "xlsx":
        return web.named(
            Response(xlsx_files.as_xlsx(name, lines, widths=widths), content_type=xlsx_files.KIND), f"{name}.xlsx"
        )
    text = csv_files.as_csv([["" if cell is None else str(cell) for cell in line] for line in lines])
    return web.named(Response(text, content_type="text/csv; charset=utf-8"), f"{name}.csv")


def entry_lines(entries: Sequence[Entry]) -> Iterator[Line]:
    """Write entries of the ledger, one a line, with what is needed to check them."""
    yield [
        _("Entry"), web.with_zone(_("Written")), _("Kind"), _("Real name"), _("Staff number"), _("Unit"), _("Subject"),
        _("Category"), _("Day"), _("Watched"), _("Share, %"), _("Learning hours"), _("Roll-calls confirmed"),
        _("Reason"), _("Hash"),
    ]  # fmt: skip
    for entry in entries:
        yield [
            entry.id, moment(entry.at_ms), kind_name(entry.kind), entry.name, entry.staff_number, entry.unit_name,
            entry.title, name_of(entry.category), web.iso_day(entry.earned_ms), watched(entry),
            entry.share if entry.programme_ms else None, entry.hours,
            f"{entry.rollcalls_confirmed}/{entry.rollcalls_reached}" if entry.rollcalls_reached else "",
            entry.reason, entry.hash,
        ]  # fmt: skip


def stretch_lines(entries: Sequence[Entry]) -> Iterator[Line]:
    """Write the stretches from which entries were computed, one a line."""
    yield [_("Entry"), _("Subject"), web.with_zone(_("From")), web.with_zone(_("To")), _("Seconds")]
    kept = ledger.evidence_of(entries)
    for entry in entries:
        for start, end in kept.get(entry.id, []):
            yield [entry.id, entry.title, moment(start), moment(end), Decimal(end - start) / 1000]


def moment(ms: int) -> str:
    """Write a moment to the millisecond in the academy's zone."""
    local = clock.to_datetime(ms).astimezone(web.zone())
    return f"{local:%Y-%m-%d %H:%M:%S}.{ms % 1000:03}"
