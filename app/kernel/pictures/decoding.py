"""Reads strangers' pictures. Only programs with limits import it: a small file may unfold to much."""

from __future__ import annotations

import struct
import warnings
from pathlib import Path
from typing import cast

from PIL import AvifImagePlugin, ExifTags, Image, UnidentifiedImageError

MOST_PIXELS = 25_000_000
"""Maximum pixels of a picture, by its header. Pillow holds its colours in 100 MB of memory."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")

UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""Turns that undo those noted by a camera (Exif 2.3, tag Orientation)."""

BROKEN = (
    OSError, SyntaxError, ValueError, TypeError, AttributeError, LookupError, EOFError, RuntimeError, struct.error,
)  # fmt: skip
"""Exceptions that Pillow raises for broken files."""

AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # each thread would take its share of the memory


class TooLarge(Exception):
    """The picture has too many pixels."""


class Unreadable(Exception):
    """The file is not a picture, or is broken."""


def read(file: Path, longest: int) -> Image.Image:
    """Return a file's first picture, upright, opaque, and without any notes.

    Args:
        file: path of the file.
        longest: wanted length of the longer side in px. A much larger JPEG is not decoded in full.

    Raises:
        TooLarge: the picture has too many pixels.
        Unreadable: the file is not a picture, or is broken.
    """
    try:
        with warnings.catch_warnings(), file.open("rb") as source:
            warnings.simplefilter("ignore")  # about oddities in the file; the limit of pixels below is lower
            picture: Image.Image = Image.open(source, formats=FORMATS)
            if picture.width * picture.height > MOST_PIXELS:
                raise TooLarge
            picture.draft("RGB", (longest, longest))
            picture.load()
            return _on_white(_in_eight_bits(_upright(picture)))
    except (Image.DecompressionBombError, MemoryError):
        raise TooLarge from None
    except (UnidentifiedImageError, *BROKEN):
        raise Unreadable from None


def _in_eight_bits(picture: Image.Image) -> Image.Image:
    """Return shades of grey in 256 steps, if there are more. Pillow would make most of them white.

    Shades of 16 bits are divided. Floats, of TIFF files, have no scale, so it goes from the least to the greatest.
    """
    if picture.mode not in {"I", "F"} and not picture.mode.startswith("I;16"):
        return picture
    grey = picture.convert("F")
    darkest, lightest = 0.0, 65535.0
    if picture.mode == "F":
        darkest, lightest = cast(tuple[float, float], grey.getextrema())
    scale = 255.0 / (lightest - darkest) if lightest > darkest else 0.0
    eight = grey.point(lambda shade: shade * scale - darkest * scale).convert("L")
    eight.info = {}  # its transparent colour has 16 bits
    return eight


def _upright(picture: Image.Image) -> Image.Image:
    """Return a picture turned as the camera was held. A broken note about that spoils no picture."""
    try:
        turn = UPRIGHT.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
    except BROKEN:
        return picture
    return picture if turn is None else picture.transpose(turn)


def _on_white(picture: Image.Image) -> Image.Image:
    """Return a picture on white. Beneath transparent parts there is any colour, most often black."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    drawn = picture.convert("RGBA")
    paper = Image.new("RGB", drawn.size, "white")
    paper.paste(drawn, mask=drawn)
    return paper
