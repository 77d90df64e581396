"""Sizes of drawn pages."""

from __future__ import annotations

import math

from PIL import Image

LONG, SHORT = 1920, 1080
MEDIUM, THUMB = 960, 240
"""Length of the longer side in px."""


def scale_for(width: float, height: float) -> float:
    """Return the scale at which a page of any size, even 20 m by 20 m, fits the box for large pictures."""
    if not (width > 0 and height > 0 and math.isfinite(width) and math.isfinite(height)):
        return 1.0
    return min(LONG / max(width, height), SHORT / min(width, height))


def cut(picture: Image.Image) -> Image.Image:
    """Return a page without its last row or column, which comes from rounding up to whole pixels."""
    wide = picture.width >= picture.height
    size = (min(picture.width, LONG if wide else SHORT), min(picture.height, SHORT if wide else LONG))
    return picture if size == picture.size else picture.crop((0, 0, *size))


def fit(picture: Image.Image) -> Image.Image:
    """Return a picture scaled down into the box, never up."""
    scale = scale_for(*picture.size)
    return picture if scale >= 1 else shrunk(picture, scale)


def shrunk(picture: Image.Image, scale: float) -> Image.Image:
    """Return a picture scaled down."""
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.HAMMING, reducing_gap=2.0)


def within(picture: Image.Image, longest: int) -> Image.Image:
    """Return a picture whose longer side has at most `longest` px."""
    times, rest = divmod(max(picture.size), longest)
    if rest == 0 and times:
        return picture.reduce(times)  # means of whole squares: as sharp, in a tenth of the time
    return picture if times == 0 else shrunk(picture, longest / max(picture.size))
