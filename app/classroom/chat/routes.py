"""Earlier messages, and pictures."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, render_template, request, send_file
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from app.classroom.chat import errors, services, views
from app.classroom.chat import pictures as chat_pictures
from app.classroom.engine import sockets
from app.classroom.engine.seats import Seat
from app.kernel import networks, pictures
from app.kernel.access import Who, take_large_body
from app.kernel.errors import NotFound
from app.live import queries as lives

AROUND_A_PICTURE = 100_000
"""Bytes of a form beside the picture in it."""

bp = Blueprint("chat", __name__, url_prefix="/live/<live_id>/chat")


@bp.url_value_preprocessor
def _let_pictures_in(endpoint: str | None, values: dict[str, Any] | None) -> None:
    if endpoint == "chat.send_picture" and values:
        most, live_id = pictures.MOST_BYTES + AROUND_A_PICTURE, values["live_id"]
        take_large_body(most, lambda: _refuse_sender(sockets.take_seat(live_id)))


@bp.get("")
@sockets.for_seat(Who.WATCHER)
def earlier(seat: Seat) -> ResponseReturnValue:
    """Return the messages before one, for the top of the list."""
    live = lives.by_id(seat.live_id)
    chat = views.chat_view(live, seat.side, seat.person, before=request.args.get("before", type=int))
    return render_template("classroom/chat/_earlier.html", chat=chat, side=seat.side)


@bp.post("/pictures")
@sockets.for_seat(Who.WATCHER)
def send_picture(seat: Seat) -> ResponseReturnValue:
    """Keep a picture that is about to be sent, and return its name."""
    _refuse_sender(seat)
    person = seat.person
    upload = request.files.get("picture")
    if not isinstance(upload, FileStorage):
        raise errors.Empty
    is_guest = person.user_id is None
    pictures.charge(upload, person=person.key, address=networks.block() if is_guest else "")
    return jsonify(picture=chat_pictures.keep(seat.live_id, upload))


@bp.get("/pictures/<name>")
@sockets.for_seat(Who.WATCHER)
def picture(seat: Seat, name: str) -> ResponseReturnValue:
    """Return a picture; its name cannot be guessed, and its content never changes."""
    file = chat_pictures.file_of(seat.live_id, name)
    if file is None:
        raise NotFound
    reply = send_file(file, mimetype="image/webp", max_age=3600)
    reply.cache_control.private = True
    return reply


def _refuse_sender(seat: Seat) -> None:
    """Refuse a person who may not send a picture here."""
    services.refuse_picture(lives.by_id(seat.live_id), seat.person, seat.side)
