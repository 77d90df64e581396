"""Forms of people and units."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp, ValidationError

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


LEAST_CONTRAST = 4.5
"""Against white (WCAG 2.2, 1.4.3). A phone reads a QR code in such a colour, too."""


def _is_dark_colour(_form: object, field: Any) -> None:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", field.data):
        raise ValidationError(_("Write it like #1f6feb."))
    channels = [int(field.data[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    if 1.05 / (light + 0.05) < LEAST_CONTRAST:
        raise ValidationError(_("This colour is too light: phones could not read the QR code. Choose a darker one."))


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
    colour = StringField(_l("Colour of posters"), [Optional(), _is_dark_colour], [one_line])
