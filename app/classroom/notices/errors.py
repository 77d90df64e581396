"""Why nothing is announced, or nothing withdrawn."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.kernel.errors import AppError, Conflict


class Empty(AppError):
    """No words."""

    code = "notice.empty"
    message = _l("There is nothing to announce yet.")
    mend = _l("Write something first.")


class TooLong(AppError):
    """More than one takes in at a glance."""

    code = "notice.too_long"

    def __init__(self, length: int, most: int) -> None:
        """Name the maximum and the length of the text, both in characters."""
        super().__init__(
            _("A notice has %(most)s characters at most; this one has %(length)s.", most=most, length=length),
            _("Shorten it, or write the rest into the chat."),
        )


class Over(Conflict):
    """Nobody is here any more."""

    code = "notice.over"
    message = _l("The lesson is over; nothing is announced any more.")
    mend = _l("Write a mail to those who took part.")


class NotTheNewest(Conflict):
    """There is another one since, or it is gone."""

    code = "notice.not_newest"
    message = _l("Only the newest notice can be withdrawn.")
    mend = _l("Announce what is right instead.")
