"""Errors of tickets."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.errors import AppError, Conflict


class TooManyTickets(AppError):
    """A person or an address asks more than those who help could answer."""

    status = 429
    code = "ticket.too_many"
    message = _l("Very many questions have come from you or your network lately.")
    mend = _l("Your words stay here: send them again in an hour, or use the telephone or the QQ group.")


class LogRefused(AppError):
    """The file is no log."""

    code = "ticket.log"
    message = _l("This file cannot be taken as a log.")
    mend = _l("Choose a text file (UTF-8) of at most 1 MB.")


class TooManyFiles(AppError):
    """A question has more pictures than five."""

    code = "ticket.too_many_files"
    message = _l("A question takes at most five pictures.")
    mend = _l("Choose the five that show it best.")


class NothingSaid(AppError):
    """Words are missing."""

    status = 422
    code = "ticket.nothing_said"
    message = _l("Write some words.")


class NotTheirs(Conflict):
    """The person who shall answer may not see the ticket."""

    code = "ticket.not_theirs"
    message = _l("This person does not answer tickets of this unit.")
    mend = _l("Choose another one.")


class CannotMerge(Conflict):
    """Two tickets do not become one."""

    code = "ticket.cannot_merge"
    message = _l("There is no such ticket that is open and within your reach.")
    mend = _l("Enter the number of another ticket of your units that is not merged itself.")
