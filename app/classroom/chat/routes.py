"""Earlier messages, and pictures."""

from __future__ import annotations

from flask import Blueprint, abort, jsonify, render_template, request, send_file, session
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from app.classroom.chat import errors, pictures, queries, views
from app.classroom.engine import sockets
from app.classroom.engine.seats import Side
from app.kernel.access import Who, allows
from app.kernel.pictures import MOST_BYTES
from app.live import queries as lives
from app.live.guests import COOKIE_KEY
from app.live.models import LiveSession

AROUND_A_PICTURE = 100_000
"""Bytes of a form beside the picture in it."""

bp = Blueprint("chat", __name__, url_prefix="/live/<live_id>/chat")


@bp.url_value_preprocessor
def _let_pictures_in(endpoint: str | None, _values: object) -> None:
    """Large forms are read for this one address, of those who are somebody; here, before anything reads the form."""
    if endpoint == "chat.send_picture" and {"_user_id", COOKIE_KEY} & set(session):
        request.max_content_length = MOST_BYTES + AROUND_A_PICTURE


@bp.get("")
@allows(Who.WATCHER)
def earlier(live_id: str) -> ResponseReturnValue:
    """Give the messages before one, for the top of the list."""
    seat, live = sockets.take_seat(live_id), _live(live_id)
    chat = views.chat_view(live, seat.side, seat.person, before=request.args.get("before", type=int))
    return render_template("classroom/chat/_earlier.html", chat=chat, side=seat.side)


@bp.post("/pictures")
@allows(Who.WATCHER)
def send_picture(live_id: str) -> ResponseReturnValue:
    """Keep a picture that is about to be sent; gives its name."""
    seat = sockets.take_seat(live_id)
    if seat.side is Side.LEARNER and not queries.rules_of(live_id).pictures:
        raise errors.NoPictures
    upload = request.files.get("picture")
    if not isinstance(upload, FileStorage):
        raise errors.Empty
    return jsonify(picture=pictures.keep(live_id, upload))


@bp.get("/pictures/<name>")
@allows(Who.WATCHER)
def picture(live_id: str, name: str) -> ResponseReturnValue:
    """Give a picture; its name cannot be guessed, and its content never changes."""
    sockets.take_seat(live_id)
    file = pictures.file_of(live_id, name)
    if file is None:
        abort(404)
    reply = send_file(file, mimetype="image/webp", max_age=3600)
    reply.cache_control.private = True
    return reply


def _live(live_id: str) -> LiveSession:
    return lives.by_id(live_id)
