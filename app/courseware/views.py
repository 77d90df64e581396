"""View models of the pages of courseware."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.courseware import queries
from app.courseware.composing.layouts import HEIGHTS, LAYOUTS
from app.courseware.models import Export, ExportState, Form
from app.courseware.splitting import LEAST_MB, MOST_MB
from app.kernel import pulse
from app.live.models import LiveSession

LABELS = {
    Form.SCORM12: _l("SCORM 1.2, for nearly every learning platform"),
    Form.SCORM2004: _l("SCORM 2004, 4th edition"),
    Form.WEB: _l("Web page that opens by double click"),
    Form.SLIDES: _l("Slides with all that was drawn on them (PDF)"),
    Form.COMPOSED: _l("Video with the slides beside it (MP4)"),
    Form.ARCHIVE: _l("Archive of everything, for another installation"),
    Form.SOUND: _l("Sound alone (M4A)"),
    Form.TRANSCRIPT: _l("Chat, questions and polls as text"),
}
SHORT = {
    Form.SCORM12: "SCORM 1.2",
    Form.SCORM2004: "SCORM 2004",
    Form.WEB: _l("Web page"),
    Form.COMPOSED: "MP4",
    Form.SLIDES: "PDF",
    Form.ARCHIVE: _l("Archive"),
    Form.SOUND: "M4A",
    Form.TRANSCRIPT: _l("Text"),
}

LAYOUT_LABELS = {
    "slides": _l("Slides large, video in a strip"),
    "side": _l("Side by side"),
    "pip": _l("Video in a corner of the slides"),
}


@dataclass(frozen=True)
class ExportView:
    """One export; `state` is queued, running, done, failed or cancelled."""

    id: str
    label: str
    state: str
    percent: int | None
    done_bytes: int
    total_bytes: int
    size_bytes: int
    problem: str
    """The fault in a sentence, for the state failed."""
    note: str
    """Why it takes longer than usual, in a sentence; "" when it does not."""
    created_ms: int
    swept_ms: int
    """From then on it is not kept any more, epoch ms; for the state done."""
    url: str
    file_url: str


@dataclass(frozen=True)
class PanelView:
    """导出课件: what is there, what is on its way, and the button."""

    url: str
    exports: list[ExportView]
    is_waiting: bool
    """Whether an export is on its way, so that the page asks again."""
    forms: list[tuple[str, str, int, int]]
    """(value, label, least and largest bytes to expect) of each form, the usual one first."""
    layouts: list[tuple[str, str]]
    least_part_mb: int
    most_part_mb: int
    heights: list[tuple[int, str]]
    """(value, label) of what a composed MP4 can be, the usual one first."""
    forecast_bytes: int
    keep_days: int
    chat: bool
    """The replay shows chat, questions and polls, so exports do unless somebody says otherwise."""
    names: bool
    """The same for the names of learners."""


def panel_of(live: LiveSession) -> PanelView:
    """Show the exports of a lesson."""
    exports = [_export_view(one) for one in queries.exports_of(live.id) if not queries.is_lost(one)]
    return PanelView(
        url=url_for("courseware.exports", live_id=live.id),
        exports=exports,
        is_waiting=any(one.state in {"queued", "running"} for one in exports),
        forms=[(str(form), str(LABELS[form]), *queries.span(live, form)) for form in Form],
        layouts=[(name, str(LAYOUT_LABELS[name])) for name in LAYOUTS],
        least_part_mb=LEAST_MB,
        most_part_mb=MOST_MB,
        heights=[(height, f"{height}p") for height in HEIGHTS],
        forecast_bytes=queries.forecast(live),
        keep_days=queries.kept_ms() // queries.DAY_MS,
        chat=live.replay_chat,
        names=live.replay_names,
    )


def _export_view(export: Export) -> ExportView:
    is_running = export.state is ExportState.RUNNING and export.total_bytes > 0
    return ExportView(
        id=export.id,
        label=str(SHORT[export.form]),
        state=str(export.state),
        percent=min(99, 100 * export.done_bytes // export.total_bytes) if is_running else None,
        done_bytes=export.done_bytes,
        total_bytes=export.total_bytes,
        size_bytes=export.size_bytes,
        problem=str(queries.PROBLEMS.get(export.problem, queries.PROBLEMS["failed"])) if export.problem else "",
        note=_note(export),
        created_ms=export.created_ms,
        swept_ms=export.changed_ms + queries.kept_ms(),
        url=url_for("courseware.export", live_id=export.live_id, export_id=export.id),
        file_url=url_for("courseware.file", live_id=export.live_id, export_id=export.id),
    )


def _note(export: Export) -> str:
    if export.state not in {ExportState.QUEUED, ExportState.RUNNING}:
        return ""
    if not pulse.alive("jobs"):
        return str(_("The part of the server that makes files has stopped. It goes on by itself once it runs again."))
    if export.attempts > 1:
        return str(_("The server was interrupted. The file is being made again from the beginning."))
    return ""
