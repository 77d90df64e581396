"""The list of people in a room."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts import queries as accounts
from app.classroom.engine.views import room_view
from app.classroom.people.views import people_view
from app.kernel.access import Who, allows
from app.kernel.text import tidied
from app.live import queries as lives
from app.live.policies import May

bp = Blueprint("participants", __name__, url_prefix="/live/<live_id>/people")


@bp.get("")
@allows(Who.WATCHER)
def index(live_id: str) -> ResponseReturnValue:
    """Give who is here, or who of them has a name like `?q=`."""
    user = accounts.viewer()
    live = lives.live_for(user, live_id, May.WATCH)
    room = room_view(live, user)
    q = tidied(request.args.get("q", ""))[:50]
    return render_template("classroom/people/_list.html", people=people_view(live, room.side, q), room=room)
