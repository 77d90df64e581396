"""Forms about roles."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length, Regexp


class FirstAdminForm(FlaskForm):  # type: ignore[misc]
    """The account of the first administrator."""

    username = StringField(
        _l("User name"),
        [
            InputRequired(_l("Choose a user name.")),
            Regexp(r"^[A-Za-z0-9._-]{3,64}$", message=_l("Use 3 to 64 letters, digits, dots, hyphens or underscores.")),
        ],
    )
    real_name = StringField(_l("Real name"), [InputRequired(_l("Enter your real name.")), Length(max=64)])
    password = PasswordField(
        _l("Password"), [InputRequired(_l("Choose a password.")), Length(10, 1000, _l("Use at least 10 characters."))]
    )
    repeat = PasswordField(_l("Password again"), [EqualTo("password", _l("The two passwords differ."))])
