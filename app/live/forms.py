"""Forms about lessons."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateTimeLocalField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length

from app.kernel import clock, web
from app.kernel.text import one_line, plain_text
from app.live.models import LONGEST_SUBJECT, Audience, LiveSession

TIME = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
DAY_MS = 24 * 3_600_000
LONGEST_MS = DAY_MS
FURTHEST_MS = 2 * 365 * DAY_MS


class LiveForm(FlaskForm):  # type: ignore[misc]
    """A new lesson. Times are in the server's zone."""

    subject = StringField(
        _l("Subject"),
        [InputRequired(_l("Give the session a subject.")), Length(max=LONGEST_SUBJECT)],
        filters=[one_line],
    )
    starts_at = DateTimeLocalField(_l("Begins"), [InputRequired(_l("Choose date and time."))], format=TIME)
    ends_at = DateTimeLocalField(_l("Ends"), [InputRequired(_l("Choose date and time."))], format=TIME)
    audience = SelectField(_l("Who may watch"), default=str(Audience.ACADEMY))
    abstract = TextAreaField(_l("What it is about"), [Length(max=4000)], filters=[plain_text])
    recording_default = BooleanField(_l("Record from the start"), default=True)

    planned: LiveSession | None = None
    """The lesson that is changed; none for a new one."""

    def keep(self, live: LiveSession) -> None:
        """Take what cannot be changed while a lesson runs from the lesson itself."""
        self.subject.data, self.audience.data, self.recording_default.data = live.subject, live.audience, live.recording
        for field in (self.subject, self.starts_at, self.audience):
            field.raw_data = [str(field.data)]
        self.starts_at.data = clock.to_datetime(live.starts_at_ms).astimezone(web.zone()).replace(tzinfo=None)
        self.starts_at.process_errors = []

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
        if not field.data:
            raise ValidationError(_("Give the session a subject."))

    def validate_starts_at(self, field: DateTimeLocalField) -> None:
        """Refuse a beginning that is over, or years away."""
        if not field.data or (self.planned is not None and in_ms(field.data) == self.planned.starts_at_ms):
            return
        ahead_ms = in_ms(field.data) - clock.now_ms()
        if ahead_ms < -DAY_MS:
            raise ValidationError(_("That day is over. Choose a later one."))
        if ahead_ms > FURTHEST_MS:
            raise ValidationError(_("That is more than two years ahead. Check the year."))

    def validate_ends_at(self, field: DateTimeLocalField) -> None:
        """Refuse an end before the start, and one that is days away."""
        if not (self.starts_at.data and field.data):
            return
        length_ms = in_ms(field.data) - in_ms(self.starts_at.data)
        if length_ms <= 0:
            raise ValidationError(_("The end must be later than the beginning."))
        if length_ms > LONGEST_MS:
            raise ValidationError(_("A session lasts 24 hours at most."))


def in_ms(local: datetime) -> int:
    """Turn a time as typed into epoch milliseconds."""
    if local.year < 1970:
        return 0  # before the epoch is before everything; year 1 has no moment in every zone
    return clock.to_ms(local.replace(tzinfo=web.zone()))
