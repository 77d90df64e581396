"""The stage as a whole: what has led it so far, and the documents that may be leafed through."""

from __future__ import annotations

import hashlib
import json

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.classroom.engine import frames, sockets
from app.classroom.engine.seats import Seat
from app.classroom.slides import kinds, views
from app.kernel import web
from app.kernel.access import Who
from app.timeline import queries as timeline

IN_A_TRACK = 2_000
"""Maximum number of events in one reply. A page asks for those after `last` as long as there are `more`."""

bp = Blueprint("stage", __name__, url_prefix="/live/<live_id>")


@bp.get("/track")
@sockets.for_seat(Who.WATCHER)
def track(seat: Seat) -> ResponseReturnValue:
    """Return the events that have led the stage after the event `?after=`, as the socket would have brought them."""
    after = max(0, request.args.get("after", 0, int))
    newest = timeline.newest_of(seat.live_id, (*kinds.STAGE, kinds.LISTED))
    reply = web.kept_json(f"{newest}-{after}-{seat.side}")
    if reply.status_code == 304:
        return reply
    events = timeline.after(seat.live_id, after, kinds=kinds.STAGE, limit=IN_A_TRACK)
    reply.set_data(frames.batch(events, seat, after=after, limit=IN_A_TRACK))
    return web.compressed(reply)


@bp.get("/slides")
@sockets.for_seat(Who.WATCHER)
def shelf(seat: Seat) -> ResponseReturnValue:
    """Return the documents with the pages that may be leafed through."""
    body = json.dumps(views.shelf(seat.live_id, seat.side), ensure_ascii=False).encode()
    reply = web.kept_json(hashlib.sha256(body).hexdigest()[:32])
    if reply.status_code != 304:
        reply.set_data(body)
    return web.compressed(reply)
