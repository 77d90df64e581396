"""The live column within the pages of institutes' own sites: the page for a frame, and the code that managers copy.

It shows what is open to all, whoever looks, because browsers pass no sign-in on into a frame of another site.
"""

from __future__ import annotations

from flask import Blueprint, current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.extensions import db
from app.home.feed import asked_unit
from app.kernel import web
from app.kernel.access import Who, allows
from app.kernel.permissions import Permission
from app.live.lists import queries as listings
from app.live.lists.queries import Tab
from app.live.views import cards_of
from app.roles import queries as roles

WIDTH, HEIGHT = 480, 640
MOST = 12

bp = Blueprint("widget", __name__)


@bp.get("/live/widget")
@allows(Who.ANYONE)
def page() -> ResponseReturnValue:
    """Show what a visitor may watch now, later or again, of all units or of `?unit=`."""
    unit = asked_unit()
    lives = db.session.scalars(listings.column(None, tab=Tab.ALL, unit=unit).limit(MOST)).all()
    body = render_template(
        "home/widget.html",
        name=unit.name if unit else "",
        cards=cards_of(lives, None),
        column_url=url_for("lists.column", unit=unit.id if unit else None),
    )
    reply = make_response(body)
    web.let_frame(reply, current_app.config["EMBED_ORIGINS"])
    return reply


@bp.get("/manage/live/widget")
@allows(Who.HOLDER, Permission.LIVE_MANAGE_UNIT)
def code() -> ResponseReturnValue:
    """Show the code and the feed for the site of a unit, to those who manage its lessons."""
    units = roles.units_in_reach(Permission.LIVE_MANAGE_UNIT)
    asked = request.args.get("unit", type=int)
    unit_id = asked if asked in {one for one, _name in units} else units[0][0]
    address = url_for("widget.page", unit=unit_id, _external=True)
    return render_template(
        "home/widget_code.html",
        units=units,
        unit_id=unit_id,
        code=render_template("home/_widget_code.html", address=address, width=WIDTH, height=HEIGHT).strip(),
        address=address,
        feed_url=url_for("feed.atom", unit=unit_id, _external=True),
        origins=current_app.config["EMBED_ORIGINS"],
    )


def link() -> str:
    """Render the way to the code, for the list of a manager's lessons."""
    return render_template("home/_widget_link.html")
