"""Errors of entries."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.errors import AppError, Conflict, Forbidden


class NotYourOwn(Forbidden):
    """Nobody decides about her own learning hours."""

    code = "credits.not_your_own"
    message = _l("You cannot change your own learning hours.")
    mend = _l("Ask another manager of your unit, or of the unit above.")


class NoReason(AppError):
    """An entry by hand says why it was made."""

    status = 422
    code = "credits.no_reason"
    message = _l("A correction needs a reason.")
    mend = _l("Write why, for the person and for whoever audits the ledger.")


class NothingChanges(AppError):
    """A correction of nothing."""

    status = 422
    code = "credits.nothing_changes"
    message = _l("These hours are the same as before.")
    mend = _l("Enter the learning hours that are right.")


class ProofRefused(AppError):
    """A proof is a PDF or a picture, and not too large."""

    status = 422
    code = "credits.proof_refused"
    message = _l("This file cannot serve as a proof.")
    mend = _l("Bring a PDF, JPEG or PNG file of at most 10 MB.")


class ListUnreadable(AppError):
    """The list cannot be read."""

    status = 422
    code = "credits.list_unreadable"
    message = _l("No list of learning hours can be read from this file.")
    mend = _l("Use the template: a line of headers, and at most 5000 lines beneath it, as xlsx or CSV.")


class SeenTooLate(Conflict):
    """The effect of the list has changed since its preview."""

    code = "credits.seen_too_late"
    message = _l("Since you looked at this list, something has changed.")
    mend = _l("Look at it once more, then confirm.")
