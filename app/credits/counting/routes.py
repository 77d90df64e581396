"""The window in which a visitor signs in beside the page that she watches."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from app.kernel.access import Who
from app.live.access import for_lesson
from app.live.models import LiveSession

bp = Blueprint("counting", __name__, url_prefix="/live/<live_id>")


@bp.get("/signed-in")
@for_lesson(Who.SIGNED_IN)
def signed_in(live: LiveSession) -> ResponseReturnValue:
    """Render a page that reports the signed-in person to the page beside this window, and then closes itself."""
    watch = url_for("replays.page" if live.is_over else "classroom.watch", live_id=live.id)
    return render_template("credits/signed_in.html", live=live, watch_url=watch)
