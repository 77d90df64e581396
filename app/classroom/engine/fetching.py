"""The classroom for pages whose websocket does not get through, as behind some proxies: they fetch the same frames."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from app.classroom.engine import frames, sockets
from app.classroom.engine.presence import services as people
from app.classroom.engine.seats import Seat
from app.classroom.engine.wire import payload_of
from app.kernel import web
from app.kernel.access import Who
from app.live import queries as lives
from app.timeline import queries as timeline

bp = Blueprint("exchange", __name__, url_prefix="/live/<live_id>")


@bp.get("/events")
@sockets.for_seat(Who.WATCHER)
def events(seat: Seat) -> ResponseReturnValue:
    """Return a batch of the frames after the event `?after=`, as the socket would have sent them.

    The `last` of the greeting is the newest event that the batch covers. The page asks again from there.
    """
    people.touch(seat)
    after = max(0, min(request.args.get("after", 0, int), timeline.last_id(seat.live_id)))
    batch = frames.backlog(seat.live_id, after, seat.variant)
    missed = [wire for frame in batch if (wire := frame.wire_for(seat))]
    hello = frames.hello(batch[-1].id if batch else after)
    reply = Response(f"[{','.join([hello, *map(payload_of, missed)])}]", mimetype="application/json")
    return web.compressed(reply)


@bp.post("/commands")
@sockets.for_seat(Who.WATCHER)
def commands(seat: Seat) -> ResponseReturnValue:
    """Carry out one command frame, and return the frame that answers it."""
    if not lives.by_id(seat.live_id).is_over:  # the page of a replay sends commands as well, but nobody is in its room
        people.touch(seat)
    return jsonify(sockets.answer(seat, sockets.read(request.get_data())))
