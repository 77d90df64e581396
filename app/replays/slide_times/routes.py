"""The page on which presenters set when the pages of a replay appear."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import queries as accounts
from app.classroom.engine import door
from app.classroom.engine.views import room_view
from app.classroom.studio.views import player_for
from app.documents.files import picture_url
from app.kernel.access import Who
from app.kernel.errors import NotFound
from app.kernel.forms import told
from app.live.access import for_lesson
from app.live.lifecycle import LiveState
from app.live.models import LiveSession
from app.live.views import view_of
from app.replays.cutting.queries import whole_clock
from app.replays.slide_times import queries, services
from app.replays.slide_times.errors import BadTimes
from app.replays.slide_times.text import Line, evenly, lines_of, text_of

bp = Blueprint("slide_times", __name__, url_prefix="/live/<live_id>/recording/slides")


@bp.get("")
@for_lesson(Who.PRESENTER)
def page(live: LiveSession) -> ResponseReturnValue:
    """Show the whole recording beside its pages."""
    return _page(_over(live))


@bp.post("")
@for_lesson(Who.PRESENTER)
def save(live: LiveSession) -> ResponseReturnValue:
    """Set the times that were written."""
    text = request.form.get("times", "")
    count, length_ms = len(queries.timed(_over(live)).pages), round(whole_clock(live).length_ms)
    try:
        lines = lines_of(text, pages=count, length_ms=length_ms)
    except BadTimes as error:
        return _page(live, text, told(error)), error.status
    return _set(live, lines)


@bp.post("/even")
@for_lesson(Who.PRESENTER)
def spread(live: LiveSession) -> ResponseReturnValue:
    """Set the same time for each page."""
    count = len(queries.timed(_over(live)).pages)
    return _set(live, evenly(count, round(whole_clock(live).length_ms)))


@bp.delete("/newest")
@for_lesson(Who.PRESENTER)
def undo(live: LiveSession) -> ResponseReturnValue:
    """Take back what was set last."""
    services.undo(_over(live), by=accounts.me())
    flash(_("The pages appear as they did before."))
    return redirect(url_for("slide_times.page", live_id=live.id))


def _set(live: LiveSession, lines: Sequence[Line]) -> ResponseReturnValue:
    services.set_times(live, lines, by=accounts.me())
    flash(_("Saved. The pages appear at these times."))
    return redirect(url_for("slide_times.page", live_id=live.id))


def _page(live: LiveSession, text: str | None = None, problem: str = "") -> str:
    """Render the page; with a problem, the text comes back as it was sent."""
    user, timed = accounts.me(), queries.timed(live)
    return render_template(
        "replays/slide_times/page.html",
        live=view_of(live, user),
        player=player_for(live, "replay", door.person_of(user, live), uncut=True),
        room=room_view(live, user, is_open=False),
        pages=[
            (one.number, picture_url(one.document_id, one.steps[-1], "thumb") if one.steps else "")
            for one in timed.pages
        ],
        text=text_of(queries.lines(live, timed.turns)) if text is None else text,
        length_ms=round(whole_clock(live).length_ms),
        can_undo=timed.can_undo,
        problem=problem,
    )


def _over(live: LiveSession) -> LiveSession:
    if live.state is not LiveState.ENDED or not live.has_recording or live.rehearses_id is not None:
        raise NotFound
    return live
