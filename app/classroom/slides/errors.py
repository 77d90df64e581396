"""Why a page is not shown, or nothing drawn on it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.errors import AppError, Conflict, Forbidden, NotFound


class NoPage(NotFound):
    """The document is not of this lesson, its tab is gone, or the page is not ready."""

    code = "slides.no_page"
    message = _l("This page cannot be shown.")
    mend = _l("It may still be in the making, or its document was closed. Choose another page.")


class NotShown(Conflict):
    """Nobody has seen the page yet."""

    code = "slides.not_shown"
    message = _l("This page was not shown yet.")
    mend = _l("Show the page first, then draw on it.")


class AssistantsLook(Forbidden):
    """Assistants may not turn pages in this lesson."""

    code = "slides.assistants_look"
    message = _l("Assistants do not turn pages in this lesson.")
    mend = _l("Ask the teacher to switch on “Assistants may turn pages and draw”.")


class OddStroke(AppError):
    """A stroke that no tool of ours makes."""

    code = "slides.odd_stroke"
    message = _l("This could not be drawn.")
    mend = _l("Reload the page and draw it again.")


class NoWords(AppError):
    """A text without any."""

    status = 422
    code = "slides.no_words"
    message = _l("There is nothing to write on the page.")
    mend = _l("Type something first.")


class TooLong(AppError):
    """A text that fills the page."""

    status = 422
    code = "slides.too_long"

    def __init__(self, length: int, longest: int) -> None:
        super().__init__(
            _l("This text has %(length)s characters; %(longest)s fit on the page.", length=length, longest=longest),
            _l("Write it as several shorter texts."),
        )


class NoLayout(AppError):
    """A layout that there is not."""

    code = "slides.no_layout"
    message = _l("There is no such layout.")
    mend = _l("Reload the page and choose again.")
