"""A person's place and notes in a replay."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import queries as accounts
from app.kernel import web
from app.kernel.access import Who
from app.kernel.errors import NotFound
from app.kernel.htmx import is_for_htmx
from app.live.access import for_lesson
from app.live.lifecycle import LiveState
from app.live.models import LiveSession
from app.live.views import view_of
from app.replays.notebook import queries, services
from app.replays.notebook.models import LONGEST_NOTE, Note

bp = Blueprint("notebook", __name__, url_prefix="/live/<live_id>/replay")


@bp.post("/place")
@for_lesson(Who.SIGNED_IN)
def leave(live: LiveSession) -> ResponseReturnValue:
    """Remember where she is; the page says so from time to time, and when it goes."""
    _refuse_before_the_end(live)
    services.leave(live, request.form.get("at", 0, int), by=accounts.me())
    return "", 204


@bp.delete("/place")
@for_lesson(Who.SIGNED_IN)
def start_over(live: LiveSession) -> ResponseReturnValue:
    """Forget where she was."""
    _refuse_before_the_end(live)
    services.forget_place(live, by=accounts.me())
    return "", 204


@bp.post("/notes")
@for_lesson(Who.SIGNED_IN)
def write(live: LiveSession) -> ResponseReturnValue:
    """Write a note at a moment."""
    _refuse_before_the_end(live)
    services.write(live, request.form.get("at", 0, int), request.form.get("text", ""), by=accounts.me())
    return _answer(live)


@bp.post("/notes/<int:note_id>")
@for_lesson(Who.SIGNED_IN)
def rewrite(live: LiveSession, note_id: int) -> ResponseReturnValue:
    """Change the words of a note."""
    services.rewrite(queries.note_for(live, accounts.me(), note_id), request.form.get("text", ""))
    return _answer(live)


@bp.delete("/notes/<int:note_id>")
@for_lesson(Who.SIGNED_IN)
def remove(live: LiveSession, note_id: int) -> ResponseReturnValue:
    """Delete a note; the list offers to undo it."""
    note = queries.note_for(live, accounts.me(), note_id)
    services.remove(note)
    return _answer(live, removed=note)


@bp.post("/notes/<int:note_id>/return")
@for_lesson(Who.SIGNED_IN)
def restore(live: LiveSession, note_id: int) -> ResponseReturnValue:
    """Undo the deletion of a note."""
    services.restore(queries.note_for(live, accounts.me(), note_id))
    return _answer(live)


@bp.get("/notes.txt")
@for_lesson(Who.SIGNED_IN)
def export(live: LiveSession) -> ResponseReturnValue:
    """Save her notes as text, each with its time in the lesson."""
    lines = [live.subject, web.format_date(live.started_at_ms or live.starts_at_ms), ""]
    for note in queries.notes_of(live, accounts.me()):
        lines += [web.as_clock(note.at_ms - (live.started_at_ms or note.at_ms)), note.text, ""]
    text = "\r\n".join("\r\n".join(line.splitlines()) for line in lines)
    reply = Response(f"\ufeff{text}", mimetype="text/plain")  # with a mark of its encoding, for old editors
    reply.headers["Cache-Control"] = "private, no-cache"
    return web.named(reply, _("%(subject)s notes.txt", subject=live.subject))


def _refuse_before_the_end(live: LiveSession) -> None:
    if live.state is not LiveState.ENDED:
        raise NotFound


def _answer(live: LiveSession, *, removed: Note | None = None) -> ResponseReturnValue:
    if not is_for_htmx():
        return redirect(url_for("replays.page", live_id=live.id))
    user = accounts.me()
    return render_template(
        "replays/_notes.html",
        live=view_of(live, user),
        notes=queries.notes_of(live, user),
        removed=removed,
        longest_note=LONGEST_NOTE,
    )
