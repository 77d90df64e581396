"""The classroom for pages that get no websocket through, as behind some proxies: the same frames, by asking."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from app.classroom.engine import frames, sockets
from app.classroom.engine.presence import services as people
from app.classroom.engine.wire import payload_of
from app.kernel import web
from app.kernel.access import Who, allows
from app.live import queries as lives
from app.timeline import queries as timeline

bp = Blueprint("exchange", __name__, url_prefix="/live/<live_id>")


@bp.get("/events")
@allows(Who.WATCHER)
def events(live_id: str) -> ResponseReturnValue:
    """Return what happened after the event `?after=`, as the socket would have brought it, a batch at a time.

    The `last` of the greeting is the newest event that the batch covers; there is more while it is not empty.
    """
    seat = sockets.take_seat(live_id)
    people.touch(seat)
    after = max(0, min(request.args.get("after", 0, int), timeline.last_id(live_id)))
    batch = frames.backlog(live_id, after, seat.variant)
    missed = [wire for frame in batch if (wire := frame.wire_for(seat))]
    hello = frames.hello(batch[-1].id if batch else after)
    reply = Response(f"[{','.join([hello, *map(payload_of, missed)])}]", mimetype="application/json")
    return web.compressed(reply)


@bp.post("/commands")
@allows(Who.WATCHER)
def commands(live_id: str) -> ResponseReturnValue:
    """Carry out one command frame, and give the frame that answers it."""
    seat = sockets.take_seat(live_id)
    if not lives.by_id(live_id).is_over:  # a replay asks as well, and nobody is in its room
        people.touch(seat)
    return jsonify(sockets.answer(seat, sockets.read(request.get_data())))
