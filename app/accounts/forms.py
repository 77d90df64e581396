"""Forms of accounts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length, Regexp

from app.kernel.text import one_line

EMAIL = r"^[^\s@,;:<>()\[\]\"\\]+@[^\s@,;:<>()\[\]\"\\]+\.[^\s@.,;:<>()\[\]\"\\]+$"
"""Strict enough for typing errors. Only a mail can tell whether an address has an owner."""


class SignInForm(FlaskForm):  # type: ignore[misc]
    """User name and password."""

    username = StringField(_l("User name"), [InputRequired(_l("Enter your user name.")), Length(max=64)])
    password = PasswordField(_l("Password"), [InputRequired(_l("Enter your password.")), Length(max=1000)])
    remember = BooleanField(_l("Stay signed in on this device"))


class NewPassword(FlaskForm):  # type: ignore[misc]
    """A password, twice."""

    password = PasswordField(_l("New password"), [InputRequired(_l("Choose a password.")), Length(max=1000)])
    repeat = PasswordField(
        _l("New password again"),
        [InputRequired(_l("Type it once more.")), EqualTo("password", _l("The two passwords differ."))],
    )


class ChangePassword(NewPassword):
    """A new password of the person's own, with the old one."""

    old = PasswordField(_l("Present password"), [InputRequired(_l("Enter your present password.")), Length(max=1000)])


class ForgottenForm(FlaskForm):  # type: ignore[misc]
    """The person with a forgotten password."""

    who = StringField(
        _l("User name or e-mail"),
        [InputRequired(_l("Enter your user name or e-mail address.")), Length(max=254)],
        [one_line],
    )


class AddressForm(FlaskForm):  # type: ignore[misc]
    """A new e-mail address of the person's own."""

    email = StringField(
        _l("E-mail"),
        [
            InputRequired(_l("Enter an e-mail address.")),
            Length(max=254),
            Regexp(EMAIL, message=_l("This is not an e-mail address. It looks like name@institute.cn.")),
        ],
        [one_line],
    )
