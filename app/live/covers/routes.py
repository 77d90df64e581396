"""Cover pictures. Their names cannot be guessed, and everybody who knows a name gets the picture."""

from __future__ import annotations

from flask import Blueprint, send_file
from flask.typing import ResponseReturnValue

from app.kernel.access import Who, allows
from app.kernel.errors import NotFound
from app.live.covers import services as covers

bp = Blueprint("covers", __name__, url_prefix="/covers")


@bp.get("/<name>-<int:width>.webp")
@allows(Who.ANYONE)
def picture(name: str, width: int) -> ResponseReturnValue:
    """Send a picture. Its name is made from its content and not to be guessed; chat applications fetch it unsigned."""
    if width not in covers.WIDTHS or not covers.is_kept(name):
        raise NotFound
    reply = send_file(covers.file_of(name, width), "image/webp", conditional=True)
    reply.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return reply
