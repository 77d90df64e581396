"""Pictures that people send: decoded by programs with limits, kept without what a camera notes beside them."""

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
"""For a field that chooses a file: the same as `decoding.FORMATS`."""


def register(app: Flask) -> None:
    """Tell templates which files are taken, and tidy up every hour."""
    app.jinja_env.globals["picture_kinds"] = KINDS
    clockwork.every_hour(sweep)
