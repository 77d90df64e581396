"""The front page."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.accounts import queries as accounts
from app.kernel.access import Who, allows, holds
from app.kernel.permissions import Permission
from app.live import listings
from app.live.listings import Tab
from app.live.models import LiveSession
from app.live.views import LiveView, view_of

bp = Blueprint("home", __name__)


@bp.get("/")
@allows(Who.ANYONE)
def index() -> ResponseReturnValue:
    """Show lessons on air, lessons to come and replays."""
    user = accounts.viewer()

    def cards(lives: Sequence[LiveSession]) -> list[LiveView]:
        return [view_of(live, user) for live in lives]

    return render_template(
        "home/index.html",
        may_create=user is not None and holds(Permission.LIVE_MANAGE),
        on_air=cards(listings.shelf(user, Tab.ON_AIR)),
        coming=cards(listings.shelf(user, Tab.COMING)),
        replays=cards(listings.shelf(user, Tab.REPLAYS)),
    )
