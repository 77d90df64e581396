"""The stage as a whole: what has led it so far, and the documents that may be leafed through."""

from __future__ import annotations

import hashlib
import json

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from app.classroom.engine import frames, sockets
from app.classroom.engine.wire import payload_of
from app.classroom.slides import kinds, views
from app.kernel.access import Who, allows
from app.timeline import queries as timeline

IN_A_TRACK = 2_000
"""So many events come at once; a page asks for those after `last` as long as there are `more`."""

bp = Blueprint("stage", __name__, url_prefix="/live/<live_id>")


@bp.get("/track")
@allows(Who.WATCHER)
def track(live_id: str) -> ResponseReturnValue:
    """Give the events that have led the stage after the event `?after=`, as the socket would have brought them."""
    seat = sockets.take_seat(live_id)
    after = max(0, request.args.get("after", 0, int))
    newest = timeline.newest_of(live_id, (*kinds.STAGE, kinds.LISTED))
    reply = _kept(f"{newest}-{after}-{seat.side}")
    if reply.status_code == 304:
        return reply
    events = timeline.after(live_id, after, kinds=kinds.STAGE, limit=IN_A_TRACK)
    wires = [wire for frame in frames.encode(events, (seat.variant,)) if (wire := frame.wire_for(seat))]
    last, more = events[-1].id if events else after, len(events) == IN_A_TRACK
    head = json.dumps({"last": last, "more": more, "events": []}).removesuffix("]}")
    reply.set_data(head + ",".join(map(payload_of, wires)) + "]}")
    return reply


@bp.get("/slides")
@allows(Who.WATCHER)
def shelf(live_id: str) -> ResponseReturnValue:
    """Give the documents with the pages that may be leafed through."""
    seat = sockets.take_seat(live_id)
    body = json.dumps(views.shelf(live_id, seat.side), ensure_ascii=False).encode()
    reply = _kept(hashlib.sha256(body).hexdigest()[:32])
    if reply.status_code != 304:
        reply.set_data(body)
    return reply


def _kept(tag: str) -> Response:
    """Begin a reply that the browser keeps and asks about; it is 304 when it has this one."""
    reply = Response(mimetype="application/json")
    reply.set_etag(tag, weak=True)
    reply.headers["Cache-Control"] = "private, no-cache"
    reply.make_conditional(request)
    return reply
