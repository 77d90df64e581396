"""The exports of a lesson: asked for, watched, cancelled, fetched."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from app.accounts import queries as accounts
from app.courseware import errors, queries, services, views
from app.courseware.composing.layouts import HEIGHTS, LAYOUTS
from app.courseware.course import Options
from app.courseware.models import ExportState, Form
from app.courseware.splitting import LEAST_MB, MOST_MB
from app.kernel.access import Who
from app.kernel.errors import NotFound
from app.kernel.htmx import is_for_htmx
from app.live import queries as lives
from app.live.access import for_lesson
from app.live.lifecycle import LiveState
from app.live.models import LiveSession
from app.live.policies import directs

bp = Blueprint("courseware", __name__, url_prefix="/live/<live_id>/courseware")


@bp.get("")
@for_lesson(Who.PRESENTER)
def exports(live: LiveSession) -> ResponseReturnValue:
    """Show the exports; the page asks while one is being made."""
    _refuse_before_the_end(live)
    return panel(live) if is_for_htmx() else redirect(_page(live))


@bp.post("")
@for_lesson(Who.PRESENTER)
def make(live: LiveSession) -> ResponseReturnValue:
    """Have a package made; without any field it is the usual one."""
    form = next((one for one in Form if one == request.form.get("kind", Form.SCORM12)), None)
    if form is None:
        raise NotFound
    services.request_export(live, form, _options(live), by=accounts.viewer())
    return panel(live) if is_for_htmx() else redirect(_page(live))


def _options(live: LiveSession) -> Options:
    """Read what is wanted; usually what the replay shows. Raises NotFound for a choice that the page does not have."""
    sent, usual = request.form, Options(chat=live.replay_chat, names=live.replay_names)
    if "chosen" not in sent:  # boxes that are not ticked are not sent
        return usual
    layout, height = sent.get("layout", usual.layout), sent.get("height", usual.height, int)
    if layout not in LAYOUTS or height not in HEIGHTS:
        raise NotFound
    part_mb = sent.get("part_mb", 0, int)
    if part_mb:
        part_mb = min(MOST_MB, max(LEAST_MB, part_mb))
    return Options("chat" in sent, "names" in sent, layout, height, part_mb)


@bp.delete("/<export_id>")
@for_lesson(Who.PRESENTER)
def export(live: LiveSession, export_id: str) -> ResponseReturnValue:
    """Stop making a package, or remove it."""
    services.cancel(queries.export_of(live, export_id))
    return panel(live) if is_for_htmx() else redirect(_page(live))


@bp.get("/<export_id>/file")
@for_lesson(Who.PRESENTER)
def file(live: LiveSession, export_id: str) -> ResponseReturnValue:
    """Send a package; Range requests resume a broken download."""
    found = queries.export_of(live, export_id)
    path = queries.file_of(found)
    user = accounts.viewer()
    if found.state is not ExportState.DONE or not path.exists() or user is None:
        raise errors.NoSuchExport
    name = f"{live.subject} {found.form}.{found.ending}"
    reply = send_file(path, found.mimetype, as_attachment=True, download_name=name, conditional=True)
    reply.headers["Cache-Control"] = "private, no-cache"  # it is the presenter's, not for a cache between
    if reply.status_code == 200:  # what continues was noted when it began
        services.note_download(found, by=user)
    return reply


def for_presenters(live_id: str) -> str:
    """Render the panel for the pages of a replay and of its recording; nothing for those who may not export."""
    live, user = lives.by_id(live_id), accounts.viewer()
    return panel(live) if user is not None and live.has_recording and directs(user, live) else ""


def panel(live: LiveSession) -> str:
    """Render the panel."""
    return render_template("courseware/_panel.html", panel=views.panel_of(live))


def _page(live: LiveSession) -> str:
    return url_for("replays.page", live_id=live.id, _anchor="courseware")


def _refuse_before_the_end(live: LiveSession) -> None:
    if live.state is not LiveState.ENDED:
        raise NotFound
