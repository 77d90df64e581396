"""The list of people in a room."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.accounts import queries as accounts
from app.classroom.engine.views import room_view
from app.classroom.people.views import people_view
from app.kernel import paging
from app.kernel.access import Who
from app.live.access import for_lesson
from app.live.models import LiveSession

bp = Blueprint("participants", __name__, url_prefix="/live/<live_id>/people")


@bp.get("")
@for_lesson(Who.WATCHER)
def index(live: LiveSession) -> ResponseReturnValue:
    """Return who is here, or who of them has a name like `?q=`."""
    user = accounts.viewer()
    room = room_view(live, user)
    q = paging.sought()
    return render_template("classroom/people/_list.html", people=people_view(live, room.side, q), room=room)
