"""The classroom's socket, kept thin. It is the only websocket of the app."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from functools import wraps
from typing import Any, cast

from flask import Blueprint, current_app, request
from simple_websocket import Server

from app.accounts import queries as accounts
from app.classroom.engine import commands, door, frames
from app.classroom.engine.hub import Connection, hub
from app.classroom.engine.presence.keeper import keeper_of
from app.classroom.engine.seats import Seat, Side
from app.classroom.engine.wire import Heard, Inlet, InTurn, Outlet, text_frame
from app.extensions import db, sock
from app.kernel import networks, web
from app.kernel.access import Who, allows
from app.kernel.errors import AppError, Forbidden, SignInFirst
from app.live import guests, queries, services
from app.live.models import Part
from app.live.policies import May, permissions_of
from app.roles import policies as roles
from app.timeline import queries as timeline

CLOSE_BASE = 4000
"""A refused socket closes with 4000 + the HTTP status (RFC 6455, 7.4.2: 4000-4999 are ours)."""

PING_EVERY_S = 20
"""Interval of pings. A page that hears nothing for twice as long knows that the connection is dead, which the browser
would not tell it. Each seat is judged anew as often."""

LONGEST_FRAME = 64_000
"""Maximum bytes of a frame from a page. A longer one ends the connection."""

MOST_PAGES, MOST_OF_A_VISITOR = 12, 3
"""Maximum number of open pages of one lesson: of a person with an account, and of a visitor without one."""

MOST_OF_A_BLOCK = 600
"""Maximum number of open pages of visitors from one block of addresses, in each process: 500 guests of an
institute, and reloads."""


_PAGE = re.compile(r"[A-Za-z0-9_.-]{8,40}")

SERVER_OPTIONS = {"max_message_size": LONGEST_FRAME, "thread_class": InTurn, "event_class": Heard}
"""Settings of simple_websocket."""

bp = Blueprint("engine", __name__, url_prefix="/live/<live_id>")


@bp.before_request
def _prepare_socket() -> None:
    """Accept no compression: it takes 40 kB a page, and a frame that is encoded once cannot be compressed for each.

    The page is read through an `Inlet`. Each web server hands the socket over under a name of its own.
    """
    if request.endpoint == "engine.socket":
        request.environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        for name in ("gunicorn.socket", "werkzeug.socket"):
            if name in request.environ:
                request.environ[name] = Inlet(request.environ[name])


@allows(Who.WATCHER)
def socket(ws: Server, live_id: str) -> None:
    """Send a page the events of the lesson, from the one after `?after=`, and carry out its commands."""
    with ExitStack() as stay:
        try:
            seat = take_seat(live_id)
            join = hub().join(seat, Outlet(ws.sock), most=most_pages(seat), most_of_block=MOST_OF_A_BLOCK)
            connection = stay.enter_context(join)
        except AppError as error:
            _refuse(ws, error)
            return
        keeper_of(current_app).wake()
        try:
            _catch_up(connection)
            _serve(ws, connection)
        except AppError as error:
            _refuse(ws, error)
            return  # and is no presenter any more who was here until now
        _see(seat)


sock.route("/socket", bp=bp)(socket)


def most_pages(seat: Seat) -> int | None:
    """Return the maximum number of open pages of a person. `None` means that she has no cookie and counts by block."""
    if seat.sign_in_key:
        return MOST_PAGES
    return MOST_OF_A_VISITOR if seat.person.key else None


def for_seat(who: Who) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare whom a route of one classroom serves, and hand over the seat.

    The view takes the `Seat` in place of the address's `live_id`, then the other parts of the address. Whoever may not
    have a seat is refused as `take_seat` says, before the view begins.
    """

    def declare(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def seated(live_id: str, **values: Any) -> Any:
            return view(take_seat(live_id), **values)

        return allows(who)(seated)

    return declare


def take_seat(live_id: str) -> Seat:
    """Return the seat of the person who sends this request.

    Raises:
        AppError: she may not have one.
    """
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.host:
        raise Forbidden
    user = accounts.viewer()
    live = queries.live_for(user, live_id, May.REPLAY)  # the words of a lesson are a part of its recording
    may, person = permissions_of(user, live), door.person_of(user, live)
    seat = Seat(
        live_id=live.id,
        person=person,
        side=door.side_of(user, live),
        part=str(Part.LEARNER) if door.plays_learner(user, live) else door.seated_as(user, live),
        directs="studio" in request.args and May.DIRECT in may,
        only_looks=door.only_looks(user, live),
        plays_learner=door.plays_learner(user, live),
        locale=web.language(),
        sign_in_key=user.sign_in_key if user else "",
        block="" if user else networks.block(),
        takes_part_ms=0 if user else guests.guest(live).takes_part_ms,
        page=_page() if request.endpoint == "engine.socket" else "",
    )
    _see(seat)
    return seat


def _page() -> str:
    name = request.args.get("page", "")
    return name if _PAGE.fullmatch(name) else ""


def _catch_up(connection: Connection) -> None:
    """Greet the page, then send the events that it has missed, one batch after another as it takes them."""
    seat = connection.seat
    db.session.remove()  # on SQLite it would go on reading the state from before the seat was taken
    newest = timeline.last_id(seat.live_id)
    after = max(0, min(request.args.get("after", 0, int), newest))
    connection.catch_up(text_frame(frames.hello(newest)), after)
    while True:
        backlog = frames.backlog(seat.live_id, after, seat.variant)
        db.session.remove()  # no connection is held while a page reads
        if backlog:
            after = backlog[-1].id
            connection.catch_up(b"".join(frame.wire_for(seat) for frame in backlog), after)
        if len(backlog) < frames.IN_A_BATCH and connection.go_live():
            break
        if not connection.outlet.drain(within_s=PING_EVERY_S):
            connection.outlet.close()
            return
    connection.outlet.write(text_frame(frames.PING))


def _serve(ws: Server, connection: Connection) -> None:
    """Hear the page until it goes.

    Raises:
        AppError: the page may not stay, as `_judge` says.
    """

    def hear() -> None:
        while ws.input_buffer:
            _hear(connection, ws.input_buffer.pop(0))

    def tend() -> None:
        _judge(connection.seat)
        connection.outlet.write(text_frame(frames.PING))

    ws.event.tell = hear
    ws.sock.every(PING_EVERY_S, tend)
    if not connection.outlet.closed:
        ws.thread.run()


def _hear(connection: Connection, text: str | bytes) -> None:
    frame = read(text)
    if frame.get("type") == "command":
        outlet = connection.outlet
        begin(connection.seat, frame, lambda said: outlet.write(text_frame(json.dumps(said, ensure_ascii=False))))


def read(text: str | bytes) -> dict[str, Any]:
    """Parse a frame of a page. Anything that is not an object, such as brackets without end, counts as an empty one."""
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return frame if isinstance(frame, dict) else {}


Answer = dict[str, Any]


def answer(seat: Seat, frame: Mapping[str, Any]) -> Answer:
    """Carry out a command frame. Return the frame that answers it, once it is there."""

    def carry_out() -> commands.Given:
        given = _execute(seat, frame)
        return given.result() if isinstance(given, Future) else given

    return _framed(seat, frame, carry_out)


def begin(seat: Seat, frame: Mapping[str, Any], say: Callable[[Answer], None]) -> None:
    """Carry out a command frame. Hand its answer to `say`: at once, or later from another thread."""
    later: list[Future[commands.Given]] = []

    def carry_out() -> commands.Given:
        given = _execute(seat, frame)
        if not isinstance(given, Future):
            return given
        later.append(given)
        return {}

    def settle(done: Future[commands.Given]) -> None:
        if done.exception() is None:  # without words no language is needed, and thousands are answered at once
            say({"type": "done", **_number(frame), "data": done.result()})
        else:
            say(_framed(seat, frame, done.result))

    said = _framed(seat, frame, carry_out)
    if later:
        later[0].add_done_callback(settle)
    else:
        say(said)


def _number(frame: Mapping[str, Any]) -> Answer:
    number = frame.get("n")
    return {"n": number} if isinstance(number, int) else {}


def _execute(seat: Seat, frame: Mapping[str, Any]) -> commands.Given | Future[commands.Given]:
    return commands.execute(seat, frame.get("name"), frame.get("fields", {}))


def _framed(seat: Seat, frame: Mapping[str, Any], work: Callable[[], commands.Given]) -> Answer:
    """Return a frame with the result of a command, or with the reason why it was refused."""
    about = _number(frame)
    with web.written_in(seat.locale):
        try:
            return {"type": "done", **about, "data": work()}
        except AppError as error:
            refusal = error
        except Exception:
            current_app.logger.exception("a command failed: %s", frame.get("name"))
            refusal = AppError()
        words = {"code": refusal.code, "message": str(refusal.message), "mend": str(refusal.mend)}
        return {"type": "refused", **about, **words}


class Doorman:
    """Knows the learners who may plainly stay: it asks for a whole room together, with a few queries."""

    FRESH_S = 10

    def __init__(self) -> None:
        """Know nobody yet."""
        self._lock = threading.Lock()
        self._fine: dict[str, tuple[float, frozenset[Seat]]] = {}

    def knows(self, seat: Seat) -> bool:
        """Return whether a learner with an account still belongs to the lesson's audience, and was not put out."""
        if not seat.sign_in_key or seat.side is Side.DESK:
            return False
        with self._lock:
            looked_at, fine = self._fine.get(seat.live_id, (0.0, frozenset[Seat]()))
            if time.monotonic() - looked_at >= min(self.FRESH_S, PING_EVERY_S):
                fine = door.plainly_there(seat.live_id, hub().seats().get(seat.live_id, ()))
                self._fine = {live_id: it for live_id, it in self._fine.items() if it[0] > time.monotonic() - 60}
                self._fine[seat.live_id] = (time.monotonic(), fine)
        return seat in fine


def _judge(seat: Seat) -> None:
    """Judge again whether a person may keep her seat: her permission at the door may have been taken from her since.

    Raises:
        SignInFirst: her sign-in was ended, or her account closed.
        NotFound, Forbidden: she may not watch, or not direct, any more.
    """
    try:
        if cast(Doorman, current_app.extensions["doorman"]).knows(seat):
            return
        roles.forget()  # a socket is one request, however long it lasts
        user = accounts.user_by_sign_in(seat.sign_in_key) if seat.sign_in_key else None
        if user is None and seat.sign_in_key:
            raise SignInFirst
        needed = May.DIRECT if seat.directs else May.ASSIST if seat.side is Side.DESK else May.WATCH
        queries.live_for(user, seat.live_id, needed)
        if seat.side is Side.LEARNER:
            door.refuse_barred(seat.live_id, seat.person.key)
        _see(seat)
    finally:
        db.session.remove()


def _refuse(ws: Server, error: AppError) -> None:
    ws.close(CLOSE_BASE + error.status, error.code)


def _see(seat: Seat) -> None:
    if seat.directs:
        services.see_presenter(seat.live_id)
        db.session.remove()
