"""Lessons for calendar programs."""

from __future__ import annotations

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import queries as accounts
from app.kernel import web
from app.kernel.access import Who, allows
from app.live import queries as live_queries
from app.notices import calendars, queries
from app.notices.errors import LinkDead

bp = Blueprint("calendar", __name__)


@bp.get("/live/<live_id>/session.ics")
@allows(Who.ANYONE)
def session(live_id: str) -> ResponseReturnValue:
    """Return one lesson as a file for any calendar."""
    live = live_queries.announced_to(accounts.viewer(), live_id)
    return web.named(_calendar(calendars.calendar_of([live], method="PUBLISH")), f"{live.subject}.ics")


@bp.get("/calendar/<key>.ics")
@allows(Who.SIGNATURE)
def feed(key: str) -> ResponseReturnValue:
    """Return a person's lessons to a calendar program that has subscribed to them.

    The program sends no cookie, so the address alone opens the list. It names lessons and lets nobody in.
    """
    found = queries.feed_by_key(key)
    if found is None:
        raise LinkDead
    with web.written_in(found.language):
        text = calendars.calendar_of(queries.calendar_of(found.user), method="PUBLISH", name=_("Live training"))
    return _calendar(text)


def _calendar(text: str) -> Response:
    return Response(text, content_type="text/calendar; charset=utf-8", headers={"Cache-Control": "private, no-cache"})
