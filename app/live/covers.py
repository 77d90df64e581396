"""Cover pictures: cut to 16:9 around their middle, made small, kept under a name that is made from their content."""

from __future__ import annotations

import hashlib
import re
import time
from pathlib import Path

from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from app.extensions import db
from app.kernel import pictures, storage
from app.kernel.pictures import Size
from app.live.models import LiveSession

WIDTHS = (1280, 640)
NAME = re.compile(r"[0-9a-f]{32}")
UNUSED_S = 7 * 86_400
"""A picture that no plan names is removed after a week: its form was not sent again."""


def keep(upload: FileStorage) -> str:
    """Cut a picture and keep it; gives its name, which is the same for the same picture.

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
    """Say whether there is a picture of this name."""
    return bool(NAME.fullmatch(name)) and all(file_of(name, width).exists() for width in WIDTHS)


def file_of(name: str, width: int) -> Path:
    """Give the file of a picture in one of WIDTHS."""
    return _folder() / f"{name}-{width}.webp"


def remove_unused() -> None:
    """Remove the pictures that no lesson has. Called by the clockwork."""
    used = set(db.session.scalars(select(LiveSession.cover).where(LiveSession.cover != "")))
    for file in _folder().glob("*"):
        if file.name[:32] not in used and file.stat().st_mtime < time.time() - UNUSED_S:
            file.unlink(missing_ok=True)


def _name_of(upload: FileStorage) -> str:
    content = hashlib.file_digest(upload.stream, "sha256")  # type: ignore[arg-type]  # reads piece by piece
    upload.stream.seek(0)
    return content.hexdigest()[:32]


def _folder() -> Path:
    return storage.place("covers")
