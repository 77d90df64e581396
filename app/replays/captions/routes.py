"""Captions: sent to players, uploaded, edited and saved by presenters."""

from __future__ import annotations

from contextlib import closing

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import queries as accounts
from app.classroom.engine import door
from app.classroom.engine.views import room_view
from app.classroom.studio.views import player_for
from app.kernel import web
from app.kernel.access import Who
from app.kernel.errors import NotFound
from app.kernel.htmx import is_for_htmx
from app.live.access import for_lesson
from app.live.lifecycle import LiveState
from app.live.models import LiveSession
from app.live.policies import May, permissions_of
from app.live.views import now_of, row_of
from app.replays.captions import queries, services, views
from app.replays.captions.formats import srt_of, vtt_of
from app.replays.captions.shifting import as_published

bp = Blueprint("captions", __name__, url_prefix="/live/<live_id>/replay/captions")


@bp.get("/<language>.vtt")
@for_lesson(Who.VIEWER)
def vtt(live: LiveSession, language: str) -> ResponseReturnValue:
    """Send captions as VTT, to players and to people who save them."""
    return _file(live, language, "vtt")


@bp.get("/<language>.srt")
@for_lesson(Who.VIEWER)
def srt(live: LiveSession, language: str) -> ResponseReturnValue:
    """Send captions as SRT."""
    return _file(live, language, "srt")


@bp.post("")
@for_lesson(Who.PRESENTER)
def upload(live: LiveSession) -> ResponseReturnValue:
    """Take a VTT or SRT file."""
    _refuse_before_the_end(live)
    raw = b""
    if file := request.files.get("file"):
        with closing(file):  # a large one lies on the disk until then
            raw = file.read()
    services.put(live, request.form.get("language", ""), raw, by=accounts.me())
    return _answer(live)


@bp.get("/<language>/edit")
@for_lesson(Who.PRESENTER)
def edit(live: LiveSession, language: str) -> ResponseReturnValue:
    """Show the captions as a table beside the player."""
    _refuse_before_the_end(live)
    user = accounts.me()
    return render_template(
        "replays/captions.html",
        live=now_of(live, user),
        player=player_for(live, "replay", door.person_of(user, live), uncut=True),
        room=room_view(live, user, is_open=False),
        captions=views.captions_view(queries.captions_in(live.id, language), with_text=True),
    )


@bp.post("/<language>")
@for_lesson(Who.PRESENTER)
def save(live: LiveSession, language: str) -> ResponseReturnValue:
    """Take what was edited."""
    _refuse_before_the_end(live)
    raw = request.form.get("text", "").encode()
    services.put(live, language, raw, by=accounts.me(), version=request.form.get("version", 0, int))
    return redirect(url_for("captions.edit", live_id=live.id, language=language))


@bp.delete("/<language>")
@for_lesson(Who.PRESENTER)
def remove(live: LiveSession, language: str) -> ResponseReturnValue:
    """Delete the captions in one language; the list offers to undo it."""
    services.remove(queries.captions_in(live.id, language))
    return _answer(live, removed=language)


@bp.post("/<language>/return")
@for_lesson(Who.PRESENTER)
def restore(live: LiveSession, language: str) -> ResponseReturnValue:
    """Bring deleted captions back."""
    services.restore(live, language)
    return _answer(live)


def _file(live: LiveSession, language: str, kind: str) -> Response:
    captions = queries.captions_in(live.id, language)
    # presenters take home, and bring back, captions of the whole recording
    is_taken_home = bool({"whole", "save"} & set(request.args)) or kind == "srt"
    is_whole = is_taken_home and May.DIRECT in permissions_of(accounts.viewer(), live)
    cues = captions.cues if is_whole else as_published(live, captions.cues)
    text = vtt_of(cues) if kind == "vtt" else srt_of(cues)
    reply = Response(text, mimetype="text/vtt" if kind == "vtt" else "application/x-subrip")
    reply.headers["Cache-Control"] = "private, no-cache"
    return web.named(reply, f"{live.subject}.{language}.{kind}") if "save" in request.args or kind == "srt" else reply


def _refuse_before_the_end(live: LiveSession) -> None:
    if live.state is not LiveState.ENDED:
        raise NotFound


def _answer(live: LiveSession, *, removed: str = "") -> ResponseReturnValue:
    if not is_for_htmx():
        return redirect(url_for("replays.page", live_id=live.id))
    shown = row_of(live, accounts.me())
    return render_template("replays/_captions.html", live=shown, captions=views.panel(live, removed=removed))
