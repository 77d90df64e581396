"""What can go wrong on the way through the identity provider."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.errors import AppError


class ProviderSilent(AppError):
    """It does not answer, or not in a way that can be understood."""

    status = 502
    code = "identity.silent"
    message = _l("The academy's sign-in does not answer.")
    mend = _l("Try again in a minute, or sign in with user name and password.")


class NotConfirmed(AppError):
    """The way was broken off, is stale, or was tampered with."""

    status = 400
    code = "identity.not_confirmed"
    message = _l("The academy's sign-in did not confirm who you are.")
    mend = _l("Begin again on the page where one signs in; another open window may have been faster.")


class NoAccount(AppError):
    """The provider knows the person, we do not, and accounts are not made by themselves."""

    status = 403
    code = "identity.no_account"
    message = _l("There is no account for you here yet.")
    mend = _l("Ask the training manager of your institute to add you.")


class AccountIsClosed(AppError):
    """The person's account is closed."""

    status = 403
    code = "identity.account_closed"
    message = _l("Your account here is closed.")
    mend = _l("Ask the training manager of your institute.")
