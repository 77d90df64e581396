"""View models of the pages of recordings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from app.kernel import web
from app.kernel.xlsx_files import Cell
from app.live.audiences import replay_words
from app.live.models import LiveSession
from app.live.views import teachers_of
from app.replays.cutting import queries as cutting
from app.replays.keeping.queries import BIN_DAYS, DAY_MS
from app.replays.publishing import queries
from app.units import queries as units

WIDTHS = (40, 20, 30, 22, 12, 14, 12, 24, 60)


@dataclass(frozen=True)
class RecordingRow:
    """A recording in the list of those who teach and manage."""

    id: str
    subject: str
    teachers: str
    unit: str
    began_ms: int
    is_closed: bool
    """All of it is on the disk; else it is being closed."""
    is_withheld: bool
    binned_ms: int | None
    """Since then it lies in the recycle bin."""
    purged_ms: int
    """Then it is removed for good; for one in the bin."""
    is_kept: bool
    """No rule of a unit deletes it."""
    length_ms: int
    """Without what was cut out."""
    size_bytes: int
    viewers: int
    cuts: int
    """Number of stretches that are cut out."""
    audience: str
    """Its audience in words."""
    url: str
    replay_url: str


def rows_of(lives: Sequence[LiveSession]) -> list[RecordingRow]:
    """Show recordings with their numbers."""
    left_out, cuts = cutting.left_out_ms([live.id for live in lives]), cutting.counts_of([live.id for live in lives])
    viewers, names = queries.viewers_of(lives), units.full_names([live.unit for live in lives])
    return [
        RecordingRow(
            id=live.id,
            subject=live.subject,
            teachers=teachers_of(live),
            unit=names[live.unit_id],
            began_ms=live.started_at_ms or live.starts_at_ms,
            is_closed=live.stream.finished,
            is_withheld=live.replay_hidden,
            binned_ms=live.recording_binned_ms,
            purged_ms=(live.recording_binned_ms or 0) + BIN_DAYS * DAY_MS,
            is_kept=live.recording_kept,
            length_ms=live.stream.kept_ms - left_out.get(live.id, 0),
            size_bytes=live.stream.kept_bytes,
            viewers=viewers.get(live.id, 0),
            cuts=cuts.get(live.id, 0),
            audience=replay_words(live),
            url=url_for("recordings.page", live_id=live.id),
            replay_url=url_for("replays.page", live_id=live.id),
        )
        for live in lives
    ]


def state_words(row: RecordingRow) -> str:
    """Return the state of a recording in a word."""
    if row.binned_ms is not None:
        return str(_("in the recycle bin"))
    if not row.is_closed:
        return str(_("being closed"))
    return str(_("not published") if row.is_withheld else _("published"))


def lines_of(rows: Sequence[RecordingRow]) -> Iterator[list[Cell]]:
    """Return the rows of the list for a workbook."""
    yield [
        _("Subject"), _("Teacher"), _("Unit"), web.with_zone(_("Began")), _("Length"), _("Size, MB"), _("Viewers"),
        _("Publishing"), _("Who may watch"),
    ]  # fmt: skip
    for row in rows:
        yield [
            row.subject, row.teachers, row.unit, web.format_exact(row.began_ms), web.as_clock(row.length_ms),
            round(row.size_bytes / 1e6), row.viewers, state_words(row), row.audience,
        ]  # fmt: skip
