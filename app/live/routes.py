"""The introduction page of a lesson."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.accounts import queries as accounts
from app.kernel.access import Who, allows
from app.live import queries
from app.live.joining.views import place_of
from app.live.marks import services as marks
from app.live.policies import May, hands_out
from app.live.sharing import invitation
from app.live.views import introduction_of, next_step

bp = Blueprint("live", __name__, url_prefix="/live")


@bp.get("/<live_id>")
@allows(Who.ANYONE)
def page(live_id: str) -> ResponseReturnValue:
    """Show the introduction page (直播介绍页)."""
    user = accounts.viewer()
    live = queries.announced_to(user, live_id)
    may_watch = May.WATCH in queries.permissions_here(user, live)
    return render_template(
        "live/page.html",
        live=introduction_of(live, user, marks.of([live], user).get(live.id)),
        step=next_step(live, user, may_watch=may_watch),
        place=place_of(live, user, may_watch=may_watch),
        invitation=invitation.text_of(live) if hands_out(live, user) else "",
    )
