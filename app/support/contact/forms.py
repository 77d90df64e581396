"""The form of a contact."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, StringField
from wtforms.validators import Length, Optional, Regexp, ValidationError

from app.kernel.text import one_line
from app.mail.letter import ADDRESS


def _address(_form: FlaskForm, field: Field) -> None:
    if not ADDRESS.fullmatch(field.data):
        raise ValidationError(str(_l("Enter an e-mail address.")))


class ContactForm(FlaskForm):  # type: ignore[misc]
    """Ways to reach those who help."""

    qq_number = StringField(
        _l("Number of the QQ group"),
        [Optional(), Regexp(r"[0-9]{5,20}\Z", message=_l("Enter the group's number, digits only."))],
        [one_line],
    )
    qq_link = StringField(
        _l("Link that joins the QQ group"),
        [
            Optional(),
            Length(max=300),
            Regexp(r"https://\S+\Z", message=_l("Enter an address that begins with https://.")),
        ],
        [one_line],
    )
    telephone = StringField(_l("Telephone"), [Optional(), Length(max=80)], [one_line])
    email = StringField(_l("E-mail"), [Optional(), Length(max=254), _address], [one_line])
    hours = StringField(_l("When somebody is there"), [Optional(), Length(max=80)], [one_line])
