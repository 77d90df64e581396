"""The page on which presenters choose the cover of a replay."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import queries as accounts
from app.kernel.access import Who
from app.kernel.errors import NotFound
from app.kernel.htmx import is_for_htmx
from app.live.access import for_lesson
from app.live.lifecycle import LiveState
from app.live.models import LiveSession
from app.live.views import card_of
from app.replays.cutting import strip
from app.replays.publishing import cover

bp = Blueprint("replay_cover", __name__, url_prefix="/live/<live_id>/recording/cover")


@bp.get("")
@for_lesson(Who.PRESENTER)
def page(live: LiveSession) -> ResponseReturnValue:
    """Show the pictures of the recording; while they are being made, the page asks again."""
    _refuse_before_the_end(live)
    if not strip.is_there(live) and not is_for_htmx():
        strip.make.later(live.id)
    return render_template(
        "replays/publishing/cover.html",
        live=card_of(live, accounts.me()),
        choices=cover.choices(live),
        width=strip.WIDTH,
        height=strip.HEIGHT,
        count=strip.PICTURES,
    )


@bp.post("")
@for_lesson(Who.PRESENTER)
def choose(live: LiveSession) -> ResponseReturnValue:
    """Make one the cover."""
    _refuse_before_the_end(live)
    cover.choose(live, request.form.get("number", -1, int))
    flash(_("The replay has this cover now."))
    return _back(live)


@bp.delete("")
@for_lesson(Who.PRESENTER)
def let_go(live: LiveSession) -> ResponseReturnValue:
    """Take the choice back."""
    _refuse_before_the_end(live)
    cover.let_go(live)
    flash(_("The replay has the cover of the lesson again."))
    return _back(live)


def _back(live: LiveSession) -> ResponseReturnValue:
    return redirect(url_for("replay_cover.page", live_id=live.id))


def _refuse_before_the_end(live: LiveSession) -> None:
    if live.state is not LiveState.ENDED or not live.has_recording or live.rehearses_id is not None:
        raise NotFound
