"""Cover pictures: cut to 16:9 around their middle, made small, kept under a name that is made from their content."""

from __future__ import annotations

import hashlib
import re
import struct
import time
import warnings
from pathlib import Path

from flask import current_app
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from app.extensions import db
from app.kernel.ids import new_id
from app.live.errors import CoverTooLarge, CoverUnreadable
from app.live.models import LiveSession

MOST_BYTES = 10_000_000
MOST_PIXELS = 50_000_000
"""What a file may unfold to; some that are small when sent fill the memory of a machine."""
WIDTHS = (1280, 640)
FORMATS = ("JPEG", "PNG", "WEBP")
NAME = re.compile(r"[0-9a-f]{32}")
UNUSED_S = 7 * 86_400
"""A picture that no plan names is removed after a week: its form was not sent again."""

UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes the turn that a camera has noted (Exif 2.3, tag Orientation)."""

BROKEN = (OSError, SyntaxError, ValueError, TypeError, AttributeError, LookupError, EOFError, struct.error)
"""What Pillow raises at files that are not what they say."""


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
    if is_kept(name):
        for width in WIDTHS:
            file_of(name, width).touch()  # it is as if it had come now: its day begins anew
    else:
        upload.stream.seek(0)
        picture = _read(upload)
        _folder().mkdir(parents=True, exist_ok=True)
        for width in WIDTHS:
            _write(picture, file_of(name, width), width)
    return name


def is_kept(name: str) -> bool:
    """Say whether there is a picture of this name."""
    return bool(NAME.fullmatch(name)) and all(file_of(name, width).exists() for width in WIDTHS)


def file_of(name: str, width: int) -> Path:
    """Give the file of a picture in one of WIDTHS."""
    return _folder() / f"{name}-{width}.webp"


def remove_unused() -> None:
    """Remove the pictures that no lesson has, and what was left half-written. Called by the clockwork."""
    used = set(db.session.scalars(select(LiveSession.cover).where(LiveSession.cover != "")))
    for file in [*_folder().glob("*.webp"), *_folder().glob("*.part")]:
        is_used = file.suffix == ".webp" and file.name[:32] in used
        if not is_used and file.stat().st_mtime < time.time() - UNUSED_S:
            file.unlink(missing_ok=True)


def _read(upload: FileStorage) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is odd in a file; the limit of pixels below is lower
            picture = Image.open(upload.stream, formats=FORMATS)
            if picture.width * picture.height > MOST_PIXELS:
                raise CoverTooLarge
            picture.load()
            return _on_white(_upright(picture))
    except Image.DecompressionBombError:
        raise CoverTooLarge from None
    except (UnidentifiedImageError, *BROKEN):
        raise CoverUnreadable from None


def _upright(picture: Image.Image) -> Image.Image:
    """Turn a picture as the camera was held; a note about that which is broken spoils no picture."""
    try:
        turn = UPRIGHT.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
    except BROKEN:
        return picture
    return picture if turn is None else picture.transpose(turn)


def _on_white(picture: Image.Image) -> Image.Image:
    """Lay what is transparent on white; beneath it there is any colour, most often black."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    drawn = picture.convert("RGBA")
    paper = Image.new("RGB", drawn.size, "white")
    paper.paste(drawn, mask=drawn)
    return paper


def _write(picture: Image.Image, file: Path, width: int) -> None:
    """Write beside, then rename: whoever reads never finds half a picture."""
    part = file.with_name(f"{file.stem}-{new_id()}.part")  # somebody else may be sending the same picture
    try:
        ImageOps.fit(picture, (width, width * 9 // 16), Image.Resampling.LANCZOS).save(part, "WEBP", quality=82)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _folder() -> Path:
    folder: Path = current_app.config["DATA_DIR"]
    return folder / "covers"
