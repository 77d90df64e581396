"""Pictures that people send: read with care, and written without what a camera notes beside them."""

from __future__ import annotations

import io
import struct
import warnings
from pathlib import Path

from flask_babel import lazy_gettext as _l
from PIL import ExifTags, Image, UnidentifiedImageError
from werkzeug.datastructures import FileStorage

from app.kernel.errors import AppError
from app.kernel.ids import new_id

MOST_BYTES = 10_000_000
MOST_PIXELS = 50_000_000
"""What a file may unfold to; some that are small when sent fill the memory of a machine."""
FORMATS = ("JPEG", "PNG", "WEBP")

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


class PictureTooLarge(AppError):
    """A picture has too many bytes, or pixels."""

    code = "picture.too_large"
    message = _l("This picture is too large.")
    mend = _l("Choose one of at most 10 MB and 50 million pixels.")


class PictureUnreadable(AppError):
    """What was sent as a picture is none."""

    code = "picture.unreadable"
    message = _l("This file cannot be read as a picture.")
    mend = _l("Choose a JPEG, PNG or WebP picture.")


def bytes_of(upload: FileStorage) -> bytes:
    """Give what was sent.

    Raises:
        PictureTooLarge: it is more than MOST_BYTES.
    """
    data = upload.stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise PictureTooLarge
    return data


def read(data: bytes) -> Image.Image:
    """Give a picture upright, opaque, and without anything that its file says beside.

    Raises:
        PictureTooLarge: what it unfolds to.
        PictureUnreadable: it is not a picture, or is broken.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is odd in a file; the limit of pixels below is lower
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
            if picture.width * picture.height > MOST_PIXELS:
                raise PictureTooLarge
            picture.load()
            return _on_white(_upright(picture))
    except Image.DecompressionBombError:
        raise PictureTooLarge from None
    except (UnidentifiedImageError, *BROKEN):
        raise PictureUnreadable from None


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


def write(picture: Image.Image, file: Path) -> None:
    """Write beside, then rename: whoever reads never finds half a picture."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.stem}-{new_id()}.part")  # somebody else may be sending the same picture
    try:
        picture.save(part, "WEBP", quality=82)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
