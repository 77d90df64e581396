"""What can go wrong with documents, before they are converted; for what goes wrong then, see `problems`."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.kernel.errors import AppError, Conflict, NotFound


class UnknownKind(AppError):
    """A file whose ending we do not take."""

    status = 415
    code = "documents.unknown_kind"
    message = _l("Files of this kind cannot be shown.")
    mend = _l("Take PPTX, PPT, ODP, PDF, DOCX or a picture; in other programs “Save as PDF” helps.")


class OfficeMissing(AppError):
    """An Office file, and nothing here that could open it."""

    status = 415
    code = "documents.office_missing"
    message = _l("Office files cannot be converted on this server at present.")
    mend = _l("Save it as PDF and upload that: it works.")


class FileTooLarge(AppError):
    """A file has more bytes than are taken."""

    status = 413
    code = "documents.too_large"
    message = _l("This file is too large.")

    def __init__(self, most_mb: int) -> None:
        super().__init__(
            mend=_("At most %(size)s MB are taken. Make its pictures smaller, or split it into parts.", size=most_mb)
        )


class QuotaReached(AppError):
    """The documents of a session, or of its unit, take as much as they may."""

    status = 413
    code = "documents.quota"


class SessionQuotaReached(QuotaReached):
    """Those of the session."""

    def __init__(self, taken: str, most: str) -> None:
        super().__init__(
            _(
                "The documents of this session take %(taken)s of %(most)s; this file is too large for the rest.",
                taken=taken,
                most=most,
            ),
            _("Remove documents that were not shown yet; a day later they are gone and make room."),
        )


class UnitQuotaReached(QuotaReached):
    """Those of the unit."""

    def __init__(self, taken: str, most: str) -> None:
        super().__init__(
            _(
                "The documents of this institute take %(taken)s of %(most)s; this file is too large for the rest.",
                taken=taken,
                most=most,
            ),
            _("Remove documents of other sessions that were not shown yet, or ask your administrator for more room."),
        )


class FileEmpty(AppError):
    """A file without a byte."""

    code = "documents.empty"
    message = _l("This file is empty.")
    mend = _l("Look whether it was saved, or is still being downloaded.")


class TooManyDocuments(Conflict):
    """A lesson has as many documents as it can have."""

    code = "documents.too_many"
    message = _l("This session has as many documents as it can have.")
    mend = _l("Remove one that is not needed any more.")


class TooManyPages(Conflict):
    """A whiteboard has as many pages as it can have."""

    code = "documents.too_many_pages"
    message = _l("This whiteboard has as many pages as it can have.")
    mend = _l("Open another whiteboard.")


class UnknownUpload(NotFound):
    """There is no such upload, or it is somebody else's, was cancelled or lay about for too long."""

    code = "documents.no_upload"
    message = _l("This upload is gone.")
    mend = _l("Choose the file again.")


class WrongOffset(Conflict):
    """Bytes came that do not follow those that are here."""

    code = "documents.offset"
    message = _l("The upload went on elsewhere.")


class MoreThanAnnounced(AppError):
    """Bytes came beyond the announced end."""

    status = 413
    code = "documents.too_much"
    message = _l("More came than the file has.")


class NothingToRetry(Conflict):
    """Only what has failed is tried again."""

    code = "documents.nothing_to_retry"
    message = _l("This document is not waiting for another try.")


class NameMissing(AppError):
    """A name without a letter."""

    status = 422
    code = "documents.name_missing"
    message = _l("A document needs a name.")


class NotAWhiteboard(Conflict):
    """Only whiteboards grow."""

    code = "documents.not_a_whiteboard"
    message = _l("Pages can be added to whiteboards only.")
