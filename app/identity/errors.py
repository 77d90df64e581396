"""Errors on the way through the identity provider."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.errors import AppError


class NotSignedIn(AppError):
    """The way through the provider has failed. There is another one."""

    way_out = (_l("Sign in"), "accounts.sign_in")


class ProviderSilent(NotSignedIn):
    """The provider does not answer, or says that it cannot at the moment."""

    status = 502
    code = "identity.silent"
    message = _l("The academy's sign-in does not answer.")
    mend = _l("Try again in a minute, or sign in with user name and password.")


class Misunderstanding(NotSignedIn):
    """The provider's answer breaks the settings or the standard. Trying again does not mend that."""

    status = 502
    code = "identity.misunderstanding"
    message = _l("The academy's sign-in and this service do not understand each other.")
    mend = _l("Sign in with user name and password, and tell the support.")


class ClocksDiffer(Misunderstanding):
    """By our clock, the provider's statement is not valid yet, or no longer."""

    code = "identity.clocks"
    message = _l("The clocks of the academy's sign-in and of this service differ.")


class Cancelled(NotSignedIn):
    """The person has turned back at the provider."""

    status = 400
    code = "identity.cancelled"
    message = _l("You have not signed in.")
    mend = _l("Begin again when you like, or sign in with user name and password.")


class NotConfirmed(NotSignedIn):
    """The way is stale, was used before, began in another browser, or was tampered with."""

    status = 400
    code = "identity.not_confirmed"
    message = _l("The academy's sign-in did not confirm who you are.")
    mend = _l("Begin again on the page where one signs in; another open window may have been faster.")


class NoAccount(NotSignedIn):
    """The provider knows the person, we do not, and accounts are not made automatically."""

    status = 403
    code = "identity.no_account"
    message = _l("There is no account for you here yet.")
    mend = _l("Ask the training manager of your institute to add you.")


class AccountIsClosed(NotSignedIn):
    """The person's account is closed."""

    status = 403
    code = "identity.account_closed"
    message = _l("Your account here is closed.")
    mend = _l("Ask the training manager of your institute.")
