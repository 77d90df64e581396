"""Pages about lessons: introduction, mine."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.accounts import queries as accounts
from app.kernel.access import Who, allows, holds
from app.kernel.permissions import Permission
from app.live import queries
from app.live.policies import May
from app.live.views import next_step, place_of, view_of

bp = Blueprint("live", __name__, url_prefix="/live")


@bp.get("/mine")
@allows(Who.SIGNED_IN)
def mine() -> ResponseReturnValue:
    """List what I teach."""
    user = accounts.me()
    return render_template(
        "live/mine.html",
        lives=[view_of(live, user) for live in queries.mine(user)],
        may_create=holds(Permission.LIVE_MANAGE),
    )


@bp.get("/<live_id>")
@allows(Who.ANYONE)
def page(live_id: str) -> ResponseReturnValue:
    """Show the introduction page (直播介绍页)."""
    user = accounts.viewer()
    live = queries.announced_to(user, live_id)
    may_watch = May.WATCH in queries.permissions_here(user, live)
    return render_template(
        "live/page.html",
        live=view_of(live, user),
        step=next_step(live, user, may_watch=may_watch),
        place=place_of(live, user, may_watch=may_watch),
    )
