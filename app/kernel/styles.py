"""The style sheets of the house, sent as one, so that a page needs one request instead of one for each feature."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, request, url_for

from app.kernel.access import Who, allows

FIRST = ("reset", "tokens", "base", "layout")
"""Sheets before all others. The first one names the order of the layers."""

FOLDERS = ("ui", "classroom")
"""Folders with the sheets of shared parts and of the classroom's features. The rooms' own sheets come after them."""

bp = Blueprint("styles", __name__)


@dataclass(frozen=True)
class Sheet:
    """All style sheets in one, ready to send."""

    text: bytes
    packed: bytes
    """The same, compressed with gzip."""
    version: str
    """Hash of the text: browsers keep a version for a year."""


def register(app: Flask) -> None:
    """Add the route of the sheet, and tell templates its address."""
    app.register_blueprint(bp)
    app.jinja_env.globals.update(stylesheet=address)


def address() -> str:
    """Return the address of the sheet, which changes with its content."""
    return url_for("styles.sheet", v=_sheet().version)


@bp.get("/styles.css")
@allows(Who.ANYONE)
def sheet() -> Response:
    """Send the sheet."""
    now = _sheet()
    is_packed = bool(request.accept_encodings["gzip"])
    reply = Response(now.packed if is_packed else now.text, mimetype="text/css")
    if is_packed:
        reply.headers["Content-Encoding"] = "gzip"
    reply.vary.add("Accept-Encoding")
    is_asked_for = request.args.get("v") == now.version
    reply.headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_asked_for else "no-cache"
    return reply


def files() -> list[Path]:
    """Return every style sheet of the house, in the order of their layers."""
    folder = Path(current_app.static_folder or "") / "css"
    first = [folder / f"{name}.css" for name in FIRST]
    shared = [file for name in FOLDERS for file in sorted((folder / name).glob("*.css"))]
    return [*first, *shared, *sorted(file for file in folder.glob("*.css") if file not in first)]


def _sheet() -> Sheet:
    return _sheet_of(tuple((file, file.stat().st_mtime_ns) for file in files()))


@lru_cache(maxsize=1)
def _sheet_of(stamped: tuple[tuple[Path, int], ...]) -> Sheet:
    text = b"\n".join(file.read_bytes() for file, _stamp in stamped)
    return Sheet(text, gzip.compress(text, mtime=0), hashlib.sha256(text).hexdigest()[:12])
