"""Pictures in messages: no larger than a screen, in a folder of their lesson."""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image, ImageOps
from werkzeug.datastructures import FileStorage

from app.kernel import pictures, storage
from app.kernel.ids import new_id

LARGEST = (1600, 1600)
NAME = re.compile(r"[0-9a-z]{8,40}")


def keep(live_id: str, upload: FileStorage) -> str:
    """Keep a picture and give its name.

    Raises:
        PictureTooLarge, PictureUnreadable: it is not kept.
    """
    picture = pictures.read(pictures.bytes_of(upload))
    smaller = ImageOps.contain(picture, LARGEST, Image.Resampling.LANCZOS)
    name = new_id()
    pictures.write(smaller if smaller.width < picture.width else picture, _folder(live_id) / f"{name}.webp")
    return name


def file_of(live_id: str, name: str) -> Path | None:
    """Find a picture of a lesson."""
    file = _folder(live_id) / f"{name}.webp"
    return file if NAME.fullmatch(name) and file.exists() else None


def drop(live_id: str, name: str) -> None:
    """Take a picture away; with the message it was in."""
    file = file_of(live_id, name)
    if file is not None:
        file.unlink(missing_ok=True)


def _folder(live_id: str) -> Path:
    return storage.place("chat") / live_id
