"""Errors of accounts."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.kernel.errors import AppError, Conflict


class WrongPassword(AppError):
    """The user is unknown, or the password is wrong. One answer for both tells nobody which accounts exist."""

    status = 422
    code = "account.wrong_password"
    message = _l("User name and password do not match.")
    mend = _l("Check the capitals and try again.")


class TooManyTries(AppError):
    """After too many wrong passwords the next one has to wait, even the right one."""

    status = 429
    code = "account.too_many_tries"

    def __init__(self, wait_s: int) -> None:
        self.wait_s = wait_s
        minutes = -(-wait_s // 60)
        super().__init__(
            ngettext(
                "Too many wrong passwords. Try again in %(num)d minute.",
                "Too many wrong passwords. Try again in %(num)d minutes.",
                minutes,
            ),
            _("Or set a new password by mail, that works at once."),
        )


class TooManyTokens(TooManyTries):
    """After too many tokens of lessons the next one has to wait."""

    code = "account.too_many_tokens"

    def __init__(self, wait_s: int) -> None:
        super().__init__(wait_s)
        minutes = -(-wait_s // 60)
        self.message = ngettext(
            "Too many tokens were tried. Try again in %(num)d minute.",
            "Too many tokens were tried. Try again in %(num)d minutes.",
            minutes,
        )
        self.mend = _("Ask for the token once more, or leave the field of a plan empty: a token is made then.")


class WeakPassword(AppError):
    """Guessers would find the password early. The message says why."""

    status = 422
    code = "account.weak_password"
    message = _l("This password is too easy to guess.")
    mend = _l("Several words in a row that only you would put together do well.")


class LinkDead(AppError):
    """The link was used, is too old or forged."""

    status = 404
    code = "account.link_dead"
    message = _l("This link has been used or is too old.")
    mend = _l("Each link works once. If you still need one, have a new one sent.")
    way_out = (_l("Get a new link"), "passwords.forgotten")


class AddressLinkDead(LinkDead):
    """The link that confirms an e-mail address was used, is too old or forged."""

    mend = _l("Each link works once. If the address is not on your account page yet, enter it there again.")
    way_out = (_l("My account"), "account.profile")


class UsernameTaken(Conflict):
    """Another person has this user name."""

    code = "account.username_taken"
    message = _l("This user name is taken.")


class EmailTaken(Conflict):
    """Another person has this e-mail address."""

    code = "account.email_taken"
    message = _l("Another account has this e-mail address.")


class StaffNumberTaken(Conflict):
    """Another person has this staff number."""

    code = "account.staff_number_taken"
    message = _l("Another account has this staff number.")
