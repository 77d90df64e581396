"""Cover pictures: cut to 16:9 around their middle, made small, kept under a name that is made from their content.

A room above may know better pictures of a lesson: its newest moment while it is on air, or its first slide.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from flask import Flask, current_app, g, has_request_context
from sqlalchemy import select, union
from werkzeug.datastructures import FileStorage

from app.extensions import db
from app.kernel import pictures, storage
from app.kernel.pictures import Size
from app.live.models import LiveSession

WIDTHS = (1280, 640)
NAME = re.compile(r"[0-9a-f]{32}")
UNUSED_S = 7 * 86_400
"""A picture that no plan names is removed after a week: its form was not sent again."""


@dataclass(frozen=True)
class Likeness:
    """A picture that is taken from a lesson itself. Only people who may watch it are told the address."""

    url: str
    is_live: bool
    """It shows this minute of a lesson on air. Else it is a slide, for a lesson without a cover."""


Painter = Callable[[Collection[LiveSession]], Mapping[str, Likeness]]
"""Function that returns the pictures of some lessons by their ids, with one query for all."""


def paint_by(app: Flask, painter: Painter) -> None:
    """Name the function that knows pictures of lessons. The room that takes them calls this."""
    app.extensions["painter"] = painter


def prepare(lives: Collection[LiveSession]) -> None:
    """Look for the pictures of a whole list at once, before its cards are made."""
    if has_request_context():
        known: dict[str, Likeness | None] = g.setdefault("likenesses", {})
        known.update(_painted(lives))


def likeness_of(live: LiveSession) -> Likeness | None:
    """Return the picture taken from a lesson, or None."""
    known: dict[str, Likeness | None] = g.get("likenesses", {}) if has_request_context() else {}
    return known[live.id] if live.id in known else _painted([live])[live.id]


def _painted(lives: Collection[LiveSession]) -> dict[str, Likeness | None]:
    painter = cast("Painter | None", current_app.extensions.get("painter"))
    found = painter(lives) if painter and lives else {}
    return {live.id: found.get(live.id) for live in lives}


def keep(upload: FileStorage) -> str:
    """Cut and keep a picture. Return its name, which is the same for the same picture.

    Raises:
        PictureTooLarge, PictureUnreadable, PicturesBusy, NoRoomLeft: it is not kept.
    """
    name = _name_of(upload)
    if is_kept(name):
        for width in WIDTHS:
            file_of(name, width).touch()  # it is as if it had come now: its day begins anew
    else:
        pictures.keep(upload, {file_of(name, width): Size(width, width * 9 // 16, cut=True) for width in WIDTHS})
    return name


def is_kept(name: str) -> bool:
    """Return whether there is a picture of this name."""
    return bool(NAME.fullmatch(name)) and all(file_of(name, width).exists() for width in WIDTHS)


def file_of(name: str, width: int) -> Path:
    """Return the file of a picture in one of WIDTHS."""
    return _folder() / f"{name}-{width}.webp"


def remove_unused() -> None:
    """Remove the pictures that no lesson has. Called by the clockwork."""
    kept = union(select(LiveSession.cover), select(LiveSession.replay_cover))
    used = set(db.session.scalars(kept))
    for file in _folder().glob("*"):
        if file.name[:32] not in used and file.stat().st_mtime < time.time() - UNUSED_S:
            file.unlink(missing_ok=True)


def _name_of(upload: FileStorage) -> str:
    content = hashlib.file_digest(upload.stream, "sha256")  # type: ignore[arg-type]  # reads piece by piece
    upload.stream.seek(0)
    return content.hexdigest()[:32]


def _folder() -> Path:
    return storage.place("covers")
