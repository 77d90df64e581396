"""Forms about lessons."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateTimeLocalField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length

from app.kernel import clock, web
from app.live.models import Audience

TIME = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
LONGEST_MS = 24 * 3_600_000


class LiveForm(FlaskForm):  # type: ignore[misc]
    """A new lesson. Times are in the server's zone."""

    subject = StringField(_l("Subject"), [InputRequired(_l("Give the session a subject.")), Length(max=120)])
    starts_at = DateTimeLocalField(_l("Begins"), [InputRequired(_l("Choose date and time."))], format=TIME)
    ends_at = DateTimeLocalField(_l("Ends"), [InputRequired(_l("Choose date and time."))], format=TIME)
    audience = SelectField(
        _l("Who may watch"),
        choices=[
            SelectChoice(str(Audience.ACADEMY), _l("The whole academy: everybody with an account")),
            SelectChoice(str(Audience.EVERYONE), _l("Everyone: visitors without an account too")),
        ],
        default=str(Audience.ACADEMY),
    )
    abstract = TextAreaField(_l("What it is about"), [Length(max=4000)])
    recording_default = BooleanField(_l("Record from the start"), default=True)

    @property
    def starts_at_ms(self) -> int:
        """The beginning in epoch milliseconds; only of a form that has validated."""
        return in_ms(cast(datetime, self.starts_at.data))

    @property
    def ends_at_ms(self) -> int:
        """The end in epoch milliseconds; only of a form that has validated."""
        return in_ms(cast(datetime, self.ends_at.data))

    def validate_subject(self, field: StringField) -> None:
        """Refuse a subject of blanks."""
        if not (field.data or "").strip():
            raise ValidationError(_("Give the session a subject."))

    def validate_ends_at(self, field: DateTimeLocalField) -> None:
        """Refuse an end before the start, and one that is days away."""
        if not (self.starts_at.data and field.data):
            return
        length_ms = self.ends_at_ms - self.starts_at_ms
        if length_ms <= 0:
            raise ValidationError(_("The end must be later than the beginning."))
        if length_ms > LONGEST_MS:
            raise ValidationError(_("A session lasts 24 hours at most."))


def in_ms(local: datetime) -> int:
    """Turn a time as typed into epoch milliseconds."""
    return clock.to_ms(local.replace(tzinfo=web.zone()))
