"""Large pictures: cut to the banner's shape, kept under a name that is made from their content."""

from __future__ import annotations

import hashlib
import re
import time
from pathlib import Path

from werkzeug.datastructures import FileStorage

from app.kernel import pictures, storage
from app.kernel.pictures import Size
from app.recommendations import queries

WIDTHS = (1200, 720)
"""Widths in px: of computers, and of telephones, whose pictures are denser than their pages."""
SHAPE = 3
"""Width of a picture divided by its height."""
NAME = re.compile(r"[0-9a-f]{32}")
UNUSED_S = 7 * 86_400
"""Age after which a picture that no recommendation shows is removed: its form was not sent again."""


def keep(upload: FileStorage, *, centre: float = 0.5) -> str:
    """Cut and store a picture. Return its name, which is the same for the same picture and centre.

    Args:
        upload: the picture.
        centre: the part that stays if it is too high, 0 for its top and 1 for its foot.

    Raises:
        PictureTooLarge, PictureUnreadable, PicturesBusy, NoRoomLeft: it is not kept.
    """
    content = hashlib.file_digest(upload.stream, "sha256")  # type: ignore[arg-type]  # reads piece by piece
    upload.stream.seek(0)
    content.update(f"{centre:.2f}".encode())
    name = content.hexdigest()[:32]
    if is_kept(name):
        for width in WIDTHS:
            file_of(name, width).touch()  # its week begins anew
    else:
        sizes = {file_of(name, width): Size(width, width // SHAPE, cut=True, centre=centre) for width in WIDTHS}
        pictures.keep(upload, sizes)
    return name


def is_kept(name: str) -> bool:
    """Return whether there is a picture of this name."""
    return bool(NAME.fullmatch(name)) and all(file_of(name, width).exists() for width in WIDTHS)


def file_of(name: str, width: int) -> Path:
    """Return the file of a picture in one of WIDTHS."""
    return storage.place("banners") / f"{name}-{width}.webp"


def remove_unused() -> None:
    """Remove the pictures that no recommendation shows. The clockwork calls it."""
    used = queries.used_pictures()
    for file in storage.place("banners").glob("*"):
        if file.name[:32] not in used and file.stat().st_mtime < time.time() - UNUSED_S:
            file.unlink(missing_ok=True)
