"""Forms of people and units."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp

from app.accounts.forms import EMAIL
from app.kernel.forms import choices
from app.kernel.text import one_line
from app.units.models import KIND_NAMES, UnitKind

USERNAME = r"^[A-Za-z0-9._-]{2,64}$"


class PersonForm(FlaskForm):  # type: ignore[misc]
    """A person's data."""

    real_name = StringField(_l("Real name"), [DataRequired(_l("Enter the real name.")), Length(max=64)], [one_line])
    username = StringField(
        _l("User name"),
        [
            DataRequired(_l("Enter a user name.")),
            Regexp(USERNAME, message=_l("Use 2 to 64 letters, digits, dots, hyphens or underscores.")),
        ],
        [one_line],
    )
    email = StringField(
        _l("E-mail"),
        [
            Optional(),
            Length(max=254),
            Regexp(EMAIL, message=_l("This is not an e-mail address. It looks like name@institute.cn.")),
        ],
        [one_line],
    )
    staff_number = StringField(_l("Staff number"), [Optional(), Length(max=40)], [one_line])


class NewPersonForm(PersonForm):
    """A new person, with the unit and the choice of an invitation."""

    unit_id = SelectField(_l("Unit"), coerce=int)
    invite = BooleanField(_l("Mail an invitation at once"), default=True)


class PlaceForm(FlaskForm):  # type: ignore[misc]
    """The new place of a person or a unit."""

    unit_id = SelectField(
        _l("New place"), [InputRequired(_l("Choose a unit."))], coerce=lambda value: int(value) if value else None
    )


class UnitForm(FlaskForm):  # type: ignore[misc]
    """A unit, new or known."""

    name = StringField(_l("Name"), [DataRequired(_l("Enter a name.")), Length(max=80)], [one_line])
    kind = SelectField(
        _l("Kind"),
        coerce=UnitKind,
        choices=choices((str(kind), label) for kind, label in KIND_NAMES.items() if kind is not UnitKind.ACADEMY),
    )
    code = StringField(
        _l("Code"),
        [Optional(), Regexp(r"^[\w.-]{1,40}$", message=_l("Use up to 40 letters, digits, dots, hyphens."))],
        [one_line],
    )
