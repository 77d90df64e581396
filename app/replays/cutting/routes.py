"""The page on which presenters cut a recording."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, send_from_directory, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.accounts import queries as accounts
from app.classroom.engine import door
from app.classroom.engine.views import room_view
from app.classroom.studio.views import player_for
from app.kernel.access import Who
from app.kernel.errors import NotFound
from app.kernel.forms import told
from app.live.access import for_lesson
from app.live.lifecycle import LiveState
from app.live.models import LiveSession
from app.live.views import now_of
from app.replays.cutting import queries, services, strip
from app.replays.cutting.errors import NothingLeft, NothingToCut
from app.replays.places import place_of

bp = Blueprint("cuts", __name__, url_prefix="/live/<live_id>/recording/cuts")


@bp.get("")
@for_lesson(Who.PRESENTER)
def page(live: LiveSession) -> ResponseReturnValue:
    """Show the whole recording, with its cuts."""
    _refuse_before_the_end(live)
    return _page(live)


@bp.get("/strip")
@for_lesson(Who.PRESENTER)
def strip_state(live: LiveSession) -> ResponseReturnValue:
    """Show the strip once it is made; the page asks."""
    _refuse_before_the_end(live)
    return render_template("replays/cutting/_strip.html", live_id=live.id, has_strip=strip.is_there(live))


@bp.get("/strip/<name>")
@for_lesson(Who.PRESENTER)
def strip_file(live: LiveSession, name: str) -> Response:
    """Send a picture of the strip."""
    if name not in strip.FILES:
        raise NotFound
    reply = send_from_directory(strip.folder_of(live), name)
    reply.headers["Cache-Control"] = "private, max-age=3600"
    return reply


@bp.post("")
@for_lesson(Who.PRESENTER)
def cut(live: LiveSession) -> ResponseReturnValue:
    """Cut a stretch out."""
    _refuse_before_the_end(live)
    try:
        services.cut_out(live, _time("from"), _time("to"), by=accounts.me())
    except (NothingToCut, NothingLeft) as error:
        return _page(live, problem=told(error)), error.status
    flash(_("Cut out. You can take it back at any time."))
    return redirect(url_for("cuts.page", live_id=live.id))


@bp.post("/spoken")
@for_lesson(Who.PRESENTER)
def cut_spoken(live: LiveSession) -> ResponseReturnValue:
    """Cut out the stretches in which learners speak."""
    _refuse_before_the_end(live)
    count = services.cut_out_spoken(live, by=accounts.me())
    flash(ngettext("%(num)d stretch is cut out.", "%(num)d stretches are cut out.", count))
    return redirect(url_for("cuts.page", live_id=live.id))


@bp.delete("/<int:cut_id>")
@for_lesson(Who.PRESENTER)
def take_back(live: LiveSession, cut_id: int) -> ResponseReturnValue:
    """Show a stretch again."""
    _refuse_before_the_end(live)
    services.take_back(queries.cut_for(live, cut_id), live, by=accounts.me())
    flash(_("The stretch is shown again."))
    return redirect(url_for("cuts.page", live_id=live.id))


def _page(live: LiveSession, problem: str = "") -> str:
    """Render the page. With a problem, the form comes back as it was sent."""
    user = accounts.me()
    if not strip.is_there(live):
        strip.make.later(live.id)
    whole = queries.whole_clock(live)
    rows = queries.rows_of(live.id)
    return render_template(
        "replays/cutting/page.html",
        live=now_of(live, user),
        player=player_for(live, "replay", door.person_of(user, live), uncut=True),
        room=room_view(live, user, is_open=False),
        cuts=rows,
        length_ms=round(whole.length_ms),
        left_ms=round(whole.length_ms) - sum(cut.length_ms for cut in rows),
        spoken=len(queries.spoken(live)),
        has_strip=strip.is_there(live),
        problem=problem,
        typed=request.form if problem else {},
    )


def _time(name: str) -> int:
    """Return a typed time in ms."""
    place_ms = place_of(request.form.get(name, ""))
    if place_ms is None:
        raise NothingToCut
    return place_ms


def _refuse_before_the_end(live: LiveSession) -> None:
    if live.state is not LiveState.ENDED or not live.has_recording or live.rehearses_id is not None:
        raise NotFound
