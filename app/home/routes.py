"""The front page."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.accounts import queries as accounts
from app.home import views
from app.kernel.access import Who, allows, holds
from app.kernel.htmx import is_for_htmx
from app.kernel.permissions import Permission
from app.recommendations.views import banner_for

bp = Blueprint("home", __name__)


@bp.get("/")
@allows(Who.ANYONE)
def index() -> ResponseReturnValue:
    """Show lessons on air, lessons to come and replays."""
    user = accounts.viewer()
    page = views.home(user)
    return render_template(
        "home/index.html",
        banner=None if is_for_htmx() else banner_for(user),  # it follows by itself
        own=page.own,
        may_create=user is not None and holds(Permission.LIVE_MANAGE),
        on_air=page.on_air,
        coming=page.coming,
        replays=page.replays,
    )
