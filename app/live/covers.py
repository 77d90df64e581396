"""Cover pictures: cut to 16:9 around their middle, made small, kept under a name that is made from their content."""

from __future__ import annotations

import hashlib
import re
import time
import warnings
from pathlib import Path

from flask import current_app
from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from app.extensions import db
from app.live.errors import CoverTooLarge, CoverUnreadable
from app.live.models import LiveSession

MOST_BYTES = 10_000_000
MOST_PIXELS = 50_000_000
"""What a file may unfold to; some that are small when sent fill the memory of a machine."""
WIDTHS = (1280, 640)
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
NAME = re.compile(r"[0-9a-f]{32}")
UNUSED_S = 86_400
"""A picture that no plan names is removed after a day: its form was not sent again."""


def keep(upload: FileStorage) -> str:
    """Cut a picture and keep it; gives its name, which is the same for the same picture.

    Raises:
        CoverTooLarge: the file, or what it unfolds to.
        CoverUnreadable: it is not a picture, or is broken.
    """
    data = upload.stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise CoverTooLarge
    name = hashlib.sha256(data).hexdigest()[:32]
    if not all(file_of(name, width).exists() for width in WIDTHS):
        upload.stream.seek(0)
        picture = _read(upload)
        _folder().mkdir(parents=True, exist_ok=True)
        for width in WIDTHS:
            _write(picture, file_of(name, width), width)
    return name


def is_kept(name: str) -> bool:
    """Say whether there is a picture of this name."""
    return bool(NAME.fullmatch(name)) and file_of(name, WIDTHS[0]).exists()


def file_of(name: str, width: int) -> Path:
    """Give the file of a picture in one of WIDTHS."""
    return _folder() / f"{name}-{width}.webp"


def remove_unused() -> None:
    """Remove the pictures that no lesson has. Called by the clockwork."""
    used = set(db.session.scalars(select(LiveSession.cover).where(LiveSession.cover != "")))
    for file in _folder().glob("*.webp"):
        if file.name[:32] not in used and file.stat().st_mtime < time.time() - UNUSED_S:
            file.unlink(missing_ok=True)


def _read(upload: FileStorage) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit below is lower
            picture = Image.open(upload.stream, formats=FORMATS)
            if picture.width * picture.height > MOST_PIXELS:
                raise CoverTooLarge
            picture.load()
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        if isinstance(error, Image.DecompressionBombError):
            raise CoverTooLarge from None
        raise CoverUnreadable from None
    upright = ImageOps.exif_transpose(picture)
    return upright.convert("RGB")


def _write(picture: Image.Image, file: Path, width: int) -> None:
    """Write beside, then rename: whoever reads never finds half a picture."""
    part = file.with_suffix(".part")
    ImageOps.fit(picture, (width, width * 9 // 16), Image.Resampling.LANCZOS).save(part, "WEBP", quality=82)
    part.replace(file)


def _folder() -> Path:
    folder: Path = current_app.config["DATA_DIR"]
    return folder / "covers"
