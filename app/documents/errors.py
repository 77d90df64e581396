"""Errors of documents before their conversion. For those of the conversion see `problems`."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.kernel.errors import AppError, Conflict


class UnknownKind(AppError):
    """The ending of the file is not accepted."""

    status = 415
    code = "documents.unknown_kind"
    message = _l("Files of this kind cannot be shown.")
    mend = _l("Take PPTX, PPT, ODP, PDF, DOCX or a picture; in other programs “Save as PDF” helps.")


class OfficeMissing(AppError):
    """The file is an Office file, and no program here could open it."""

    status = 415
    code = "documents.office_missing"
    message = _l("Office files cannot be converted on this server at present.")
    mend = _l("Save it as PDF and upload that: it works.")


class FileTooLarge(AppError):
    """The file has more bytes than are accepted."""

    status = 413
    code = "documents.too_large"
    message = _l("This file is too large.")

    def __init__(self, most_mb: int) -> None:
        super().__init__(
            mend=_("At most %(size)s MB are taken. Make its pictures smaller, or split it into parts.", size=most_mb)
        )


class QuotaReached(AppError):
    """The documents of a session, or of its unit, use all the space that they may."""

    status = 413
    code = "documents.quota"


class SessionQuotaReached(QuotaReached):
    """The documents of the session use all their space."""

    def __init__(self, taken: str, most: str) -> None:
        super().__init__(
            _(
                "The documents of this lesson take %(taken)s of %(most)s; this file is too large for the rest.",
                taken=taken,
                most=most,
            ),
            _("Remove documents that were not shown yet; a day later they are gone and make room."),
        )


class UnitQuotaReached(QuotaReached):
    """The documents of the unit use all their space."""

    def __init__(self, taken: str, most: str) -> None:
        super().__init__(
            _(
                "The documents of this institute take %(taken)s of %(most)s; this file is too large for the rest.",
                taken=taken,
                most=most,
            ),
            _("Remove documents of other lessons that were not shown yet, or ask your administrator for more room."),
        )


class FileEmpty(AppError):
    """The file has no bytes."""

    code = "documents.empty"
    message = _l("This file is empty.")
    mend = _l("Look whether it was saved, or is still being downloaded.")


class TooManyDocuments(Conflict):
    """The lesson has the maximum number of documents."""

    code = "documents.too_many"
    message = _l("This lesson has as many documents as it can have.")
    mend = _l("Remove one that is not needed any more.")


class TooManyPages(Conflict):
    """The whiteboard has the maximum number of pages."""

    code = "documents.too_many_pages"
    message = _l("This whiteboard has as many pages as it can have.")
    mend = _l("Open another whiteboard.")


class NothingToRetry(Conflict):
    """The document has not failed, so it is not tried again."""

    code = "documents.nothing_to_retry"
    message = _l("This document is not waiting for another try.")


class NameMissing(AppError):
    """The name is empty."""

    status = 422
    code = "documents.name_missing"
    message = _l("A document needs a name.")


class NotAWhiteboard(Conflict):
    """The document is no whiteboard, and only whiteboards grow."""

    code = "documents.not_a_whiteboard"
    message = _l("Pages can be added to whiteboards only.")
