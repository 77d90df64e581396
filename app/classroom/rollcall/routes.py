"""The record of a session's roll-calls: who was there."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import queries as accounts
from app.audit import services as audit
from app.audit.models import Action
from app.classroom.rollcall import queries
from app.classroom.rollcall.exports import ending, rollcalls_csv
from app.classroom.rollcall.views import record_view, roll_views
from app.kernel import paging, web
from app.kernel.access import Who
from app.kernel.paging import Page
from app.live.access import for_lesson
from app.live.models import LiveSession
from app.live.views import view_of

ON_A_PAGE = 100

bp = Blueprint("rollcalls", __name__, url_prefix="/live/<live_id>/rollcalls")


@bp.get("")
@for_lesson(Who.PRESENTER)
def index(live: LiveSession) -> ResponseReturnValue:
    """Show everybody in all roll-calls; with `?missing=1` those who have missed one."""
    user = accounts.viewer()
    record = record_view(live)
    only_missing = bool(request.args.get("missing"))
    rows = record.missed if only_missing else record.rows
    number = min(paging.wanted(), max(1, -(-len(rows) // ON_A_PAGE)))
    some = rows[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]
    return render_template(
        "classroom/rollcall/record.html",
        live=view_of(live, user),
        record=record,
        page=Page(some, number, len(rows), ON_A_PAGE),
        only_missing=only_missing,
        ending=ending,
    )


@bp.post("/export")
@for_lesson(Who.PRESENTER)
def export(live: LiveSession) -> ResponseReturnValue:
    """Return all of it as CSV; that somebody took it away is itself noted."""
    user = accounts.me()
    audit.record(Action.ROLLCALLS_EXPORTED, by_id=user.id, unit_id=live.unit_id, what=live.subject)
    content = rollcalls_csv(roll_views(queries.held(live.id)))
    reply = Response(content, mimetype="text/csv; charset=utf-8")
    return web.named(reply, f"{live.subject} {_('Roll-calls')}.csv")
