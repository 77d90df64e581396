"""The classroom's socket: thin. Nothing else imports flask_sock."""

from __future__ import annotations

import queue
import time
from typing import cast

from flask import Flask, current_app, request
from simple_websocket import ConnectionClosed, Server

from app.accounts import queries as accounts
from app.classroom import frames
from app.classroom.hub import Connection, Hub, Seat
from app.classroom.routes import bp
from app.extensions import db, sock
from app.kernel import web
from app.kernel.access import Who, allows
from app.kernel.bus import bus
from app.kernel.errors import AppError, Forbidden, SignInFirst
from app.live import queries, services
from app.live.policies import May, permissions_of
from app.roles import policies as roles
from app.timeline import queries as timeline
from app.timeline import services as timeline_services

CLOSE_BASE = 4000
"""A refused socket closes with 4000 + the HTTP status (RFC 6455, 7.4.2: 4000-4999 are ours)."""

CLOSE_SLOW = 4008

PING_EVERY_S = 20
"""A page that hears nothing for twice as long knows that the connection is dead; the browser would not tell it.

As often, everybody's seat is judged anew.
"""

LOOK_EVERY_S = 1
"""How long the writer waits for a frame before it looks whether the page is still there."""


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
        _refuse(ws, error)
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
            ws.send(frames.PING)
            _serve(ws, connection, backlog[-1].id if backlog else last_seen)
        except AppError as error:
            _refuse(ws, error)
            return  # and is no presenter any more who was here until now
        except ConnectionClosed:
            pass
        _see(seat)


sock.route("/socket", bp=bp)(socket)


def _take_seat(live_id: str) -> Seat:
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.host:
        raise Forbidden
    user = accounts.viewer()
    live = queries.live_for(user, live_id, May.WATCH)
    directs = "studio" in request.args and May.DIRECT in permissions_of(user, live)
    seat = Seat(
        live_id=live.id,
        user_id=user.id if user else None,
        sign_in_key=user.sign_in_key if user else "",
        directs=directs,
        locale=web.language(),
    )
    _see(seat)
    return seat


def _serve(ws: Server, connection: Connection, last_sent: int) -> None:
    """Write what the outbox holds until the page goes.

    Raises:
        AppError: the page may not stay, as `_judge` says.
    """
    pinged_at = time.monotonic()
    while ws.connected and not connection.dropped:
        while ws.receive(timeout=0) is not None:
            pass  # a page has nothing to say yet but its pongs
        if time.monotonic() - pinged_at > PING_EVERY_S:
            _judge(connection.seat)
            ws.send(frames.PING)
            pinged_at = time.monotonic()
        try:
            frame = connection.outbox.get(timeout=LOOK_EVERY_S)
        except queue.Empty:
            continue
        if frame.id > last_sent:
            ws.send(frame.texts[connection.seat.locale])
            last_sent = frame.id
    if connection.dropped:
        ws.close(CLOSE_SLOW, "slow")


def _judge(seat: Seat) -> None:
    """Look again whether the seat's holder may have it: what she was allowed at the door may have been taken from her.

    Raises:
        SignInFirst: her sign-in was ended, or her account closed.
        NotFound, Forbidden: she may not watch, or not direct, any more.
    """
    try:
        roles.forget()  # a socket is one request, however long it lasts
        user = accounts.user_by_sign_in(seat.sign_in_key) if seat.sign_in_key else None
        if user is None and seat.sign_in_key:
            raise SignInFirst
        queries.live_for(user, seat.live_id, May.DIRECT if seat.directs else May.WATCH)
        _see(seat)
    finally:
        db.session.remove()


def _refuse(ws: Server, error: AppError) -> None:
    ws.close(CLOSE_BASE + error.status, error.code)


def _see(seat: Seat) -> None:
    if seat.directs:
        services.see_presenter(seat.live_id)
        db.session.remove()
