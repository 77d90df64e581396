"""Editing chapters: each deed answers with the list."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import queries as accounts
from app.kernel.access import Who
from app.kernel.errors import NotFound
from app.kernel.htmx import is_for_htmx
from app.live.access import for_lesson
from app.live.lifecycle import LiveState
from app.live.models import LiveSession
from app.live.views import view_of
from app.replays import views
from app.replays.chapters import services
from app.replays.chapters.models import Deed

bp = Blueprint("chapters", __name__, url_prefix="/live/<live_id>/replay/chapters")


@bp.post("")
@for_lesson(Who.PRESENTER)
def add(live: LiveSession) -> ResponseReturnValue:
    """Begin a chapter at a moment."""
    return _done(live, request.form.get("at", 0, int), Deed.ADDED, request.form.get("title", ""))


@bp.post("/<int:at_ms>/title")
@for_lesson(Who.PRESENTER)
def rename(live: LiveSession, at_ms: int) -> ResponseReturnValue:
    """Name a chapter."""
    return _done(live, at_ms, Deed.NAMED, request.form.get("title", ""))


@bp.post("/<int:at_ms>/merging")
@for_lesson(Who.PRESENTER)
def merge(live: LiveSession, at_ms: int) -> ResponseReturnValue:
    """Merge a chapter into the one before."""
    return _done(live, at_ms, Deed.MERGED)


@bp.post("/<int:at_ms>/hiding")
@for_lesson(Who.PRESENTER)
def hide(live: LiveSession, at_ms: int) -> ResponseReturnValue:
    """Hide a chapter from learners."""
    return _done(live, at_ms, Deed.HIDDEN)


@bp.delete("/<int:at_ms>/hiding")
@for_lesson(Who.PRESENTER)
def show(live: LiveSession, at_ms: int) -> ResponseReturnValue:
    """Show a hidden chapter again."""
    return _done(live, at_ms, Deed.SHOWN)


@bp.delete("/newest")
@for_lesson(Who.PRESENTER)
def undo(live: LiveSession) -> ResponseReturnValue:
    """Take the last deed back."""
    _refuse_before_the_end(live)
    services.undo(live)
    return _answer(live)


def _done(live: LiveSession, at_ms: int, deed: Deed, title: str = "") -> ResponseReturnValue:
    _refuse_before_the_end(live)
    services.edit(live, at_ms, deed, title, by=accounts.me())
    return _answer(live)


def _refuse_before_the_end(live: LiveSession) -> None:
    if live.state is not LiveState.ENDED:
        raise NotFound


def _answer(live: LiveSession) -> ResponseReturnValue:
    if not is_for_htmx():
        return redirect(url_for("replays.page", live_id=live.id))
    user = accounts.viewer()
    return render_template("replays/_moments.html", live=view_of(live, user), chapters=views.chapters_view(live, user))
