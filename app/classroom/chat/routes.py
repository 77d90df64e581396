"""Earlier messages, and pictures."""

from __future__ import annotations

from flask import Blueprint, abort, jsonify, render_template, request, send_file
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from app.classroom import sockets
from app.classroom.chat import errors, pictures, queries, views
from app.classroom.hub import Side
from app.kernel.access import Who, allows
from app.live import queries as lives
from app.live.models import LiveSession

bp = Blueprint("chat", __name__, url_prefix="/live/<live_id>/chat")


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
