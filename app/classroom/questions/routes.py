"""Questions after the first ones."""

from __future__ import annotations

import re

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.classroom.engine import sockets
from app.classroom.engine.seats import Seat
from app.classroom.questions import views
from app.kernel.access import Who
from app.kernel.errors import NotFound
from app.live import queries as lives

PLACE = re.compile(r"([0-4])\.(\d{1,9})\.(\d{1,9})", re.ASCII)

bp = Blueprint("questions", __name__, url_prefix="/live/<live_id>/questions")


@bp.get("")
@sockets.for_seat(Who.WATCHER)
def more(seat: Seat) -> ResponseReturnValue:
    """Return the questions after a place in the list, `?after=group.votes.id`, for its end."""
    place = PLACE.fullmatch(request.args.get("after", ""))
    if place is None:
        raise NotFound
    group, votes, number = map(int, place.groups())
    questions = views.more_view(lives.by_id(seat.live_id), seat.side, seat.person, (group, votes, number))
    return render_template("classroom/questions/_more.html", questions=questions, side=seat.side)
