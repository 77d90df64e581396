"""Earlier messages, and pictures."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, jsonify, render_template, request, send_file
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from app.classroom.chat import errors, services, views
from app.classroom.chat import pictures as chat_pictures
from app.classroom.engine import sockets
from app.classroom.engine.seats import Seat
from app.kernel import networks, pictures
from app.kernel.access import Who, allows, take_large_body
from app.live import queries as lives
from app.live.models import LiveSession

AROUND_A_PICTURE = 100_000
"""Bytes of a form beside the picture in it."""

bp = Blueprint("chat", __name__, url_prefix="/live/<live_id>/chat")


@bp.url_value_preprocessor
def _let_pictures_in(endpoint: str | None, values: dict[str, Any] | None) -> None:
    if endpoint == "chat.send_picture" and values:
        take_large_body(pictures.MOST_BYTES + AROUND_A_PICTURE, lambda: _seat_of_sender(values["live_id"]))


@bp.get("")
@allows(Who.WATCHER)
def earlier(live_id: str) -> ResponseReturnValue:
    """Return the messages before one, for the top of the list."""
    seat, live = sockets.take_seat(live_id), _live(live_id)
    chat = views.chat_view(live, seat.side, seat.person, before=request.args.get("before", type=int))
    return render_template("classroom/chat/_earlier.html", chat=chat, side=seat.side)


@bp.post("/pictures")
@allows(Who.WATCHER)
def send_picture(live_id: str) -> ResponseReturnValue:
    """Keep a picture that is about to be sent; gives its name."""
    person = _seat_of_sender(live_id).person
    upload = request.files.get("picture")
    if not isinstance(upload, FileStorage):
        raise errors.Empty
    is_guest = person.user_id is None
    pictures.charge(upload, person=person.key, address=networks.block() if is_guest else "")
    return jsonify(picture=chat_pictures.keep(live_id, upload))


@bp.get("/pictures/<name>")
@allows(Who.WATCHER)
def picture(live_id: str, name: str) -> ResponseReturnValue:
    """Return a picture; its name cannot be guessed, and its content never changes."""
    sockets.take_seat(live_id)
    file = chat_pictures.file_of(live_id, name)
    if file is None:
        abort(404)
    reply = send_file(file, mimetype="image/webp", max_age=3600)
    reply.cache_control.private = True
    return reply


def _seat_of_sender(live_id: str) -> Seat:
    """Return the seat of who may send a picture here.

    Raises:
        AppError: she may not.
    """
    seat = sockets.take_seat(live_id)
    services.refuse_picture(_live(live_id), seat.person, seat.side)
    return seat


def _live(live_id: str) -> LiveSession:
    return lives.by_id(live_id)
