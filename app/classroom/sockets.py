"""The classroom's socket: thin. Nothing else imports flask_sock."""

from __future__ import annotations

import queue
import time
from typing import cast

from flask import Flask, current_app, request
from simple_websocket import ConnectionClosed, Server

from app.classroom import frames
from app.classroom.hub import Connection, Hub, Seat
from app.classroom.routes import bp
from app.extensions import db, sock
from app.kernel import web
from app.kernel.access import Who, allows
from app.kernel.bus import bus
from app.kernel.errors import AppError, Forbidden
from app.live import queries, services
from app.live.policies import May, permissions_of
from app.timeline import queries as timeline
from app.timeline import services as timeline_services

CLOSE_BASE = 4000
"""A refused socket closes with 4000 + the HTTP status (RFC 6455, 7.4.2: 4000-4999 are ours)."""

CLOSE_SLOW = 4008

PING_EVERY_S = 20
"""A page that hears nothing for twice as long knows that the connection is dead; the browser would not tell it."""


def register(app: Flask) -> None:
    """Make the hub of this process."""

    def head(live_id: str) -> int:
        return timeline.last_id(live_id)

    app.extensions["hub"] = Hub(
        bus, timeline_services.TOPIC, read=lambda known: frames.read_after(app, known), head=head
    )


@allows(Who.WATCHER)
def socket(ws: Server, live_id: str) -> None:
    """Bring a page what happens in the lesson, from the event after `?after=`."""
    try:
        seat = _take_seat(live_id)
    except AppError as error:
        ws.close(CLOSE_BASE + error.status, error.code)
        return
    hub = cast(Hub, current_app.extensions["hub"])
    with hub.join(seat) as connection:
        newest = timeline.last_id(live_id)
        last_seen = max(0, min(request.args.get("after", 0, int), newest))
        backlog = frames.backlog(live_id, last_seen, seat.locale)
        db.session.remove()  # no connection is held between frames
        try:
            ws.send(frames.hello(newest))
            for frame in backlog:
                ws.send(frame.texts[seat.locale])
            _serve(ws, connection, backlog[-1].id if backlog else last_seen)
        except ConnectionClosed:
            pass
        finally:
            _see(seat)


sock.route("/socket", bp=bp)(socket)


def _take_seat(live_id: str) -> Seat:
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.host:
        raise Forbidden
    user = queries.viewer()
    live = queries.live_for(user, live_id, May.WATCH)
    directs = "studio" in request.args and May.DIRECT in permissions_of(user, live)
    seat = Seat(live.id, user.id if user else None, directs, web.language())
    _see(seat)
    return seat


def _serve(ws: Server, connection: Connection, last_sent: int) -> None:
    """Write what the outbox holds until the page goes."""
    pinged_at = 0.0
    while ws.connected and not connection.dropped:
        while ws.receive(timeout=0) is not None:
            pass  # a page has nothing to say yet but its pongs
        if time.monotonic() - pinged_at > PING_EVERY_S:
            ws.send(frames.PING)
            _see(connection.seat)
            pinged_at = time.monotonic()
        try:
            frame = connection.outbox.get(timeout=1)
        except queue.Empty:
            continue
        if frame.id > last_sent:
            ws.send(frame.texts[connection.seat.locale])
            last_sent = frame.id
    if connection.dropped:
        ws.close(CLOSE_SLOW, "slow")


def _see(seat: Seat) -> None:
    if seat.directs:
        services.see_presenter(seat.live_id)
        db.session.remove()
