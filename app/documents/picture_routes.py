"""Pictures of pages, for everybody who was told their names."""

from __future__ import annotations

from flask import Blueprint, send_file
from flask.typing import ResponseReturnValue

from app.documents import files
from app.kernel.access import Who, allows
from app.kernel.errors import NotFound

bp = Blueprint("slides", __name__, url_prefix="/slides")


@bp.get("/<document_id>/<key>-<size>.webp")
@allows(Who.ANYONE)
def picture(document_id: str, key: str, size: str) -> ResponseReturnValue:
    """Send a picture. Its name is unguessable, told only to people who may see the page, and never reused."""
    file = files.picture_of(document_id, key, size)
    if file is None:
        raise NotFound
    reply = send_file(file, "image/webp", conditional=True)
    reply.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return reply
