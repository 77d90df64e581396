"""Pictures that people send. Programs with limits decode them, and they are kept without a camera's notes."""

from __future__ import annotations

from flask import Flask

from app.kernel.clockwork import clockwork
from app.kernel.pictures.errors import (
    PictureRefused,
    PicturesBusy,
    PictureTooLarge,
    PictureUnreadable,
    TooManyPictures,
)
from app.kernel.pictures.keeping import MOST_BYTES, Size, charge, keep, sweep

__all__ = [
    "MOST_BYTES",
    "PictureRefused",
    "PictureTooLarge",
    "PictureUnreadable",
    "PicturesBusy",
    "Size",
    "TooManyPictures",
    "charge",
    "keep",
    "register",
]

KINDS = "image/jpeg,image/png,image/webp,image/gif,image/bmp,image/tiff,image/avif"
"""Types for a file field, the same as `decoding.FORMATS`."""


def register(app: Flask) -> None:
    """Hand the accepted types to templates, and tidy up every hour."""
    app.jinja_env.globals.update(picture_kinds=KINDS, picture_most_bytes=MOST_BYTES)
    clockwork.every_hour(sweep)
