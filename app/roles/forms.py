"""Forms of roles."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from app.kernel import web
from app.kernel.forms import choices
from app.kernel.permissions import MEANINGS, Permission
from app.kernel.text import one_line, tidied


class RoleForm(FlaskForm):  # type: ignore[misc]
    """A role: its name, its owner, its permissions."""

    name = StringField(_l("Name of the role"), [DataRequired(_l("Give the role a name.")), Length(max=60)], [one_line])
    unit_id = SelectField(_l("Unit that owns the role"), coerce=int)
    note = StringField(_l("What it is for"), [Length(max=200)], [one_line])
    permissions = SelectMultipleField(
        _l("What it allows"),
        [InputRequired(_l("Tick at least one permission."))],
        coerce=Permission,
        choices=choices((str(one), meaning.name) for one, meaning in MEANINGS.items()),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class GrantForm(FlaskForm):  # type: ignore[misc]
    """People who get a role, with its unit and its end."""

    user_ids = SelectMultipleField(
        _l("People"), [InputRequired(_l("Tick the people who shall get the role."))], coerce=int, validate_choice=False
    )
    role_id = SelectField(
        _l("Role"), [InputRequired(_l("Choose the role."))], coerce=lambda value: int(value) if value else None
    )
    unit_id = SelectField(
        _l("Counts in"), [InputRequired(_l("Choose the unit."))], coerce=lambda value: int(value) if value else None
    )
    until = DateField(_l("Until"), [Optional()])

    @property
    def until_ms(self) -> int | None:
        """The end of the chosen day in the academy's zone, epoch ms."""
        return web.end_of_day_ms(self.until.data) if self.until.data else None


class LogForm(FlaskForm):  # type: ignore[misc]
    """A search in the log, sent by GET."""

    class Meta:
        """A search changes nothing and needs no token, so its address can be passed on."""

        csrf = False

    q = StringField(_l("Person or object"), filters=[lambda typed: tidied(typed or "")])
    action = SelectField(_l("What was done"), default="")
    unit_id = SelectField(_l("Unit"), coerce=int, default=0)
    since = DateField(_l("From"), [Optional()])
    until = DateField(_l("To"), [Optional()])


class FirstAdminForm(FlaskForm):  # type: ignore[misc]
    """The account of the first administrator."""

    username = StringField(
        _l("User name"),
        [
            DataRequired(_l("Choose a user name.")),
            Regexp(r"^[A-Za-z0-9._-]{3,64}$", message=_l("Use 3 to 64 letters, digits, dots, hyphens or underscores.")),
        ],
        [one_line],
    )
    real_name = StringField(_l("Real name"), [DataRequired(_l("Enter your real name.")), Length(max=64)], [one_line])
    password = PasswordField(_l("Password"), [InputRequired(_l("Choose a password.")), Length(max=1000)])
    repeat = PasswordField(
        _l("Password again"),
        [InputRequired(_l("Type it once more.")), EqualTo("password", _l("The two passwords differ."))],
    )
