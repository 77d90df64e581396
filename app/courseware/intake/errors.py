"""Errors of recordings made elsewhere."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.courseware.archive.importing import PROBLEMS as OF_ARCHIVES
from app.documents.problems import PROBLEMS as OF_DOCUMENTS
from app.kernel.errors import AppError, Conflict, NotFound

PROBLEMS = {
    **OF_ARCHIVES,
    "no_recording": _l("This ZIP is neither a course archive nor a recording of BigBlueButton."),
    "no_picture": _l("There is no picture in this file that can be read. Export it as MP4 (H.264) and upload that."),
    "too_long": _l("This recording is longer than a day. Split it, and upload the parts."),
    "failed": _l("Something broke on our side. Try again; if it happens again, tell the administrator."),
}
"""Sentences by the word that is kept. Words of slides begin with `slides.`, see `sentence_of`."""


def sentence_of(problem: str) -> str:
    """Return the sentence for a word that is kept."""
    if problem.startswith("slides."):
        told = OF_DOCUMENTS.get(problem.removeprefix("slides."))
        return " ".join(str(one) for one in (_("The slides:"), *((told.message, told.mend) if told else ())))
    return str(PROBLEMS.get(problem, PROBLEMS["failed"]))


class NoSuchIntake(NotFound):
    """The intake was removed, or belongs to another person."""

    code = "intake.none_such"
    message = _l("This recording is not on its way any more.")
    mend = _l("Upload it again.")


class WrongKind(AppError):
    """The ending of the file is not accepted."""

    status = 415
    code = "intake.wrong_kind"
    message = _l("Files of this kind cannot become a replay.")
    mend = _l("Take an MP4, MOV, MKV or WebM, or a ZIP: a course archive, or the folder of a BigBlueButton recording.")


class WrongSlides(AppError):
    """The ending of the file is not one of slides."""

    status = 415
    code = "intake.wrong_slides"
    message = _l("Files of this kind cannot be shown as slides.")
    mend = _l("Take PPTX, PPT, ODP, PDF, DOCX or a picture; in other programs “Save as PDF” helps.")


class Empty(AppError):
    """The file has no bytes."""

    code = "intake.empty"
    message = _l("This file is empty.")
    mend = _l("Look whether it was saved, or is still being downloaded.")


class TooLarge(AppError):
    """The file has more bytes than are accepted."""

    status = 413
    code = "intake.too_large"
    message = _l("This file is too large.")

    def __init__(self, most: str) -> None:
        super().__init__(mend=_l("Up to %(most)s are taken. A lower resolution makes it smaller.", most=most))


class UnitFull(AppError):
    """The imported recordings of the unit use all their space."""

    status = 413
    code = "intake.quota"

    def __init__(self, taken: str, most: str) -> None:
        super().__init__(
            _(
                "Imported recordings of this institute take %(taken)s of %(most)s; this file does not fit any more.",
                taken=taken,
                most=most,
            ),
            _("Delete imported recordings that nobody needs any more, or ask your administrator for more room."),
        )


class TooMany(Conflict):
    """The person has as many recordings on their way as she may have."""

    code = "intake.too_many"
    message = _l("You have as many recordings on their way as you can have.")
    mend = _l("Wait until one is done, or remove one.")


class NotAsking(Conflict):
    """The intake is on its way already, or done."""

    code = "intake.not_asking"
    message = _l("This recording is on its way already.")
    mend = _l("Load the page again.")


class NothingTold(AppError):
    """Subject or time are missing or cannot be read."""

    status = 422
    code = "intake.nothing_told"
    message = _l("A video needs a subject, and the day and time at which it was recorded.")
    mend = _l("The time cannot lie in the future.")
