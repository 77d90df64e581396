"""Errors of appeals and certificates."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.errors import AppError, Conflict, NotFound


class AlreadyAnswered(Conflict):
    """An appeal is answered once."""

    code = "credits.already_answered"
    message = _l("This appeal has been answered.")
    mend = _l("If there is something new, appeal once more.")


class NothingToCertify(Conflict):
    """There are no hours in that year."""

    code = "credits.nothing_to_certify"
    message = _l("There are no learning hours in this year yet.")
    mend = _l("A certificate can be made as soon as a lesson is closed that you have watched.")


class UnknownCode(NotFound):
    """No certificate has this code."""

    code = "credits.unknown_code"
    message = _l("No certificate has this verification code.")
    mend = _l("Compare it with the certificate, letter by letter. If it is right, the certificate is not one of ours.")


class PrintingFailed(AppError):
    """The PDF could not be made."""

    status = 503
    code = "credits.printing_failed"
    message = _l("The certificate could not be made at the moment.")
    mend = _l("Try again in a minute. Your learning hours are not touched by this.")


class RemindedLately(Conflict):
    """The people of the unit were reminded within the last day."""

    code = "credits.reminded_lately"
    message = _l("The people of this unit were reminded within the last day.")
    mend = _l("Remind them again tomorrow.")
