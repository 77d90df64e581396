"""Pages about lessons: introduction, mine."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.accounts import queries as accounts
from app.kernel import paging
from app.kernel.access import Who, allows, holds
from app.kernel.permissions import Permission
from app.live import invitation, listings, marks, queries
from app.live.listings import MyTab
from app.live.policies import May, hands_out
from app.live.views import next_step, part_in_words, place_of, view_of, views_of

bp = Blueprint("live", __name__, url_prefix="/live")

MINE_ON_A_PAGE = 20


@bp.get("/mine")
@allows(Who.SIGNED_IN)
def mine() -> ResponseReturnValue:
    """List what I teach, and what I signed up for."""
    user, q = accounts.me(), paging.sought()
    tab = paging.choice("tab", MyTab, MyTab.ALL)
    page = paging.page_of(listings.mine(user, tab=tab, q=q), paging.wanted(), size=MINE_ON_A_PAGE)
    return render_template(
        "live/mine.html",
        page=page,
        lives=views_of(page.rows, user),
        parts={live.id: part_in_words(user, live) for live in page.rows},
        invitations={live.id: invitation.text_of(live) for live in page.rows if hands_out(live, user)},
        tab=tab,
        q=q,
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
        live=view_of(live, user, marks.of([live], user).get(live.id)),
        step=next_step(live, user, may_watch=may_watch),
        place=place_of(live, user, may_watch=may_watch),
        invitation=invitation.text_of(live) if hands_out(live, user) else "",
    )
