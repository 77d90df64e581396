"""Reasons for which a picture is not kept."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.errors import AppError


class PictureRefused(AppError):
    """A picture is not kept. Each reason has a class of its own."""


class PictureTooLarge(PictureRefused):
    """A picture has too many bytes, or pixels."""

    code = "picture.too_large"
    message = _l("This picture is too large.")
    mend = _l("Choose one of at most 10 MB and 25 million pixels.")


class PictureUnreadable(PictureRefused):
    """The sent file is no picture."""

    code = "picture.unreadable"
    message = _l("This file cannot be read as a picture.")
    mend = _l("Choose a JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF picture.")


class TooManyPictures(PictureRefused):
    """A person sends more pictures than anybody has to show."""

    status = 429
    code = "picture.too_many"
    message = _l("You have sent very many pictures lately.")
    mend = _l("Wait some minutes, then send it again.")


class PicturesBusy(PictureRefused):
    """Others' pictures are being read, and that takes long."""

    status = 503
    code = "picture.busy"
    message = _l("Many pictures are arriving at this moment.")
    mend = _l("Send it again in a few seconds.")
