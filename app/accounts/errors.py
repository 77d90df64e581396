"""What can go wrong with accounts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.errors import AppError, Conflict


class WrongPassword(AppError):
    """Unknown user or wrong password: one answer for both, so that nobody learns which accounts exist."""

    status = 422
    code = "account.wrong_password"
    message = _l("User name and password do not match.")
    mend = _l("Check the capitals and try again.")


class UsernameTaken(Conflict):
    """Somebody has this user name."""

    code = "account.username_taken"
    message = _l("This user name is taken.")
