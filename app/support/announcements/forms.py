"""The form of an announcement."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from app.kernel.forms import choices
from app.kernel.moments import MomentField
from app.kernel.text import one_line, plain_text
from app.support.announcements.models import KIND_NAMES, Kind


class AnnouncementForm(FlaskForm):  # type: ignore[misc]
    """An announcement: its words, its readers and its time."""

    unit = SelectField(_l("For the people of"), coerce=int)
    kind = RadioField(_l("Kind"), choices=choices(KIND_NAMES.items()), default=Kind.NEWS)
    title = StringField(_l("Title"), [DataRequired(_l("Enter a title.")), Length(max=100)], [one_line])
    words = TextAreaField(_l("Text of the announcement"), [Length(max=2000)], [plain_text])
    from_at = MomentField(_l("Shown from"), [InputRequired(_l("Choose a date and time."))])
    until_at = MomentField(_l("Shown until"), [InputRequired(_l("Choose a date and time."))])

    def validate_until_at(self, field: Field) -> None:
        """Refuse an end that lies before the beginning."""
        if self.from_at.data and field.data and field.data <= self.from_at.data:
            raise ValidationError(_("Choose an end that lies behind the beginning."))
