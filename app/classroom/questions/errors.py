"""Why a question is not asked, or nothing is done with it."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.kernel.errors import AppError, Conflict, NotFound


class NoWords(AppError):
    """An empty question, or an empty answer."""

    code = "questions.empty"
    message = _l("There is nothing to send yet.")
    mend = _l("Write something first.")


class TooLong(AppError):
    """More than a question, or an answer, holds."""

    code = "questions.too_long"

    def __init__(self, length: int, most: int) -> None:
        """Name the maximum and the length of the text, both in characters."""
        super().__init__(
            _("There is room for %(most)s characters; these are %(length)s.", most=most, length=length),
            _("Say it in fewer words."),
        )


class TooSoon(AppError):
    """The last one was a moment ago."""

    status = 429
    code = "questions.too_soon"

    def __init__(self, wait_s: int) -> None:
        """Name the wait in seconds."""
        super().__init__(_("One question after the other."), _("You can ask the next one in %(s)s s.", s=wait_s))


class NoQuestion(NotFound):
    """The question was withdrawn, or is not for everybody."""

    code = "questions.none"
    message = _l("This question is not there any more.")
    mend = _l("Choose another question from the list.")


class Settled(Conflict):
    """Another person has changed the state of the question meanwhile."""

    code = "questions.settled"
    message = _l("Something else has been done with this question.")
    mend = _l("Look at the list again: somebody was quicker.")


class TooLate(Conflict):
    """The question is being answered, or has an answer."""

    code = "questions.too_late"
    message = _l("A question can be withdrawn while it is open.")
    mend = _l("Ask a teacher or an assistant to set it aside.")


class Over(Conflict):
    """The lesson is over."""

    code = "questions.over"
    message = _l("The lesson is over; no more questions are taken.")
    mend = _l("Its questions and answers stay in the replay.")
