"""Errors of managing people."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.errors import AppError, Conflict, Forbidden


class HoldsMore(Forbidden):
    """The person holds more than the manager, who could sign in as her after a change."""

    code = "person.holds_more"
    message = _l("This person holds more permissions than you do, so you cannot change the account.")
    mend = _l("Ask an administrator.")


class NotOneself(Conflict):
    """A manager cannot close her own account: she could not undo it."""

    code = "person.not_oneself"
    message = _l("You cannot close your own account.")


class NoAddress(AppError):
    """An invitation needs an e-mail address."""

    status = 409
    code = "person.no_address"
    message = _l("This account has no e-mail address.")
    mend = _l("Enter one first, or make a link and hand it over yourself.")
