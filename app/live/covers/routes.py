"""Cover pictures. Their names cannot be guessed, and everybody who knows a name gets the picture."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.kernel.access import Who, allows
from app.live.covers.services import SHELF

bp = Blueprint("covers", __name__, url_prefix="/covers")


@bp.get("/<name>-<int:width>.webp")
@allows(Who.ANYONE)
def picture(name: str, width: int) -> ResponseReturnValue:
    """Send a picture. Chat applications fetch it unsigned."""
    return SHELF.reply(name, width, caches="public")
