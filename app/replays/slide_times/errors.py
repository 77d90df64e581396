"""Errors of the times of pages."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.kernel.errors import AppError, Conflict


class CannotBeTimed(Conflict):
    """The lesson has no pages, several documents, or strokes that belong to their moments."""

    code = "slide_times.cannot"
    message = _l("The pages of this lesson have no times that can be set.")
    mend = _l("That is possible for a recording with one document on which nothing was drawn.")


class BadTimes(AppError):
    """The text cannot be read."""

    status = 422
    code = "slide_times.bad"


class BadLine(BadTimes):
    """A line names no time, or a page that is not there."""

    def __init__(self, number: int, pages: int) -> None:
        super().__init__(
            _("Line %(number)s cannot be read.", number=number),
            _("Write a time within the recording and a page from 1 to %(pages)s, such as 0:12:30 3.", pages=pages),
        )


class NoTimes(BadTimes):
    """There is no line with a page."""

    message = _l("No page is shown at any time.")
    mend = _l("Write at least one line, such as 0:00:00 1.")


class TooManyTimes(BadTimes):
    """There are more lines than a replay can hold."""

    message = _l("These are more times than a replay can hold.")
    mend = _l("Leave out pages that stand for less than a second.")
