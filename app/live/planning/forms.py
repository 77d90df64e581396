"""The form of a lesson's plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.accounts import queries as accounts
from app.accounts.models import User
from app.kernel import clock
from app.kernel.errors import AppError
from app.kernel.forms import choices, refuse
from app.kernel.moments import TYPED, MomentField, as_typed, in_ms
from app.kernel.text import one_line, plain_text
from app.live import subjects, tokens
from app.live.models import LONGEST_SUBJECT, Audience, LiveMode, LiveSession, Part, RecordingPolicy
from app.live.planning.plans import Plan
from app.live.planning.services import MOST_WEEKS

DAY_MS = 24 * 3_600_000
LONGEST_MS = DAY_MS
FURTHEST_MS = 2 * 365 * DAY_MS
MOST_PRESENTERS = 50
MOST_PLACES = 100_000
TOKEN_FIELDS = {Part.TEACHER: "teacher_token", Part.ASSISTANT: "assistant_token", Part.LEARNER: "learner_token"}

MODES = choices(
    [
        (str(LiveMode.LECTURE_HALL), _l("Lecture hall: for large audiences, one teaches")),
        (str(LiveMode.SMALL_CLASS), _l("Small class: people take turns to speak")),
    ]
)
RECORDING = choices(
    [
        (str(RecordingPolicy.FROM_START), _l("Recorded from the start; can be switched off at any time")),
        (str(RecordingPolicy.BY_HAND), _l("Recorded when a teacher switches it on")),
        (str(RecordingPolicy.NEVER), _l("Never recorded: there is no replay")),
    ]
)


class NumberField(IntegerField):
    """A whole number. Other text is outside of every range, and gets one error instead of two."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the number. Other text becomes `None`."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None


class PeopleField(Field):
    """People by their ids, one value for each; ids that are nobody's, or of closed accounts, are left out."""

    data: list[User]

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Load those who were chosen, in the order in which they were.

        Raises:
            ValueError: they are too many.
        """
        ids = list(dict.fromkeys(int(one) for one in valuelist if one.isdecimal() and len(one) < 10))
        too_many, ids = len(ids) > MOST_PRESENTERS, ids[:MOST_PRESENTERS]
        found = {user.id: user for user in accounts.people(ids) if user.closed_ms is None}
        self.data = [found[one] for one in ids if one in found]
        if too_many:
            raise ValueError(_("%(most)s people at most. Those named first are kept here.", most=MOST_PRESENTERS))


class LiveForm(FlaskForm):  # type: ignore[misc]
    """A lesson's plan. Times are in the server's zone."""

    subject = StringField(
        _l("Subject"),
        [InputRequired(_l("Give the lesson a subject.")), Length(max=LONGEST_SUBJECT)],
        filters=[one_line],
    )
    mode = RadioField(_l("Mode"), choices=MODES, default=str(LiveMode.LECTURE_HALL))
    starts_at = MomentField(_l("Begins"), [InputRequired(_l("Choose date and time."))], format=TYPED)
    ends_at = MomentField(_l("Ends"), [InputRequired(_l("Choose date and time."))], format=TYPED)
    weeks = NumberField(
        _l("Number of weeks"),
        [Optional(), NumberRange(1, MOST_WEEKS, _l("Choose 1 to %(most)s weeks.", most=MOST_WEEKS))],
        default=1,
    )
    teachers = PeopleField(_l("Teachers"))
    assistants = PeopleField(_l("Assistants"))
    audience = SelectField(_l("Who may watch"), default=str(Audience.ACADEMY))
    guests = BooleanField(_l("Guests may watch by QR code"), default=True)
    capacity = NumberField(
        _l("Places"),
        [Optional(), NumberRange(1, MOST_PLACES, _l("Enter a number from 1 to %(most)s.", most=MOST_PLACES))],
    )
    abstract = TextAreaField(_l("What it is about"), [Length(max=4000)], filters=[plain_text])
    cover = FileField(_l("Cover picture"))
    cover_name = HiddenField()
    recording_policy = SelectField(_l("What is recorded"), choices=RECORDING, default=str(RecordingPolicy.FROM_START))
    teacher_token = StringField(_l("Teacher token"), filters=[tokens.tidy])
    assistant_token = StringField(_l("Assistant token"), filters=[tokens.tidy])
    learner_token = StringField(_l("Learner web token"), filters=[tokens.tidy])

    planned: LiveSession | None = None
    """The lesson that is changed. `None` means a new one."""

    def keep(self, live: LiveSession) -> list[str]:
        """Take what cannot be changed while a lesson runs from the lesson itself, as if the page had sent it.

        Return the labels of fields with other values, from a page that was opened before the lesson began.
        """
        kept = {
            self.subject: live.subject,
            self.starts_at: as_typed(live.starts_at_ms),
            self.audience: str(live.audience),
            self.mode: str(live.mode),
            self.capacity: live.capacity,
            self.recording_policy: str(live.recording_policy),
        }
        overtaken = [str(field.label.text) for field, value in kept.items() if field.raw_data and field.data != value]
        for field, value in kept.items():
            field.data, field.raw_data, field.process_errors = value, [] if value is None else [str(value)], []
        return overtaken

    def token_fields(self) -> dict[Part, StringField]:
        """Return the field of each part's token."""
        return {part: self[name] for part, name in TOKEN_FIELDS.items()}

    def plan(self) -> Plan:
        """Return the plan. Only for a form that has validated."""
        return Plan(
            subject=self.subject.data or "",
            starts_at_ms=self._moment(self.starts_at),
            ends_at_ms=self._moment(self.ends_at),
            mode=LiveMode(self.mode.data),
            abstract=self.abstract.data or "",
            cover=self.cover_name.data or "",
            audience=Audience(self.audience.data),
            guests=self.guests.data,
            capacity=self.capacity.data,
            recording_policy=RecordingPolicy(self.recording_policy.data),
            draft="draft" in request.form and (self.planned is None or self.planned.draft),
            teachers=tuple(self.teachers.data or ()),
            assistants=tuple(self.assistants.data or ()),
            tokens={part: field.data or "" for part, field in self.token_fields().items()},
        )

    def validate_subject(self, field: StringField) -> None:
        """Refuse a subject of blanks, also of those that have no width."""
        if not subjects.key_of(field.data or ""):
            raise ValidationError(_("Give the lesson a subject."))

    def validate_starts_at(self, field: DateTimeLocalField) -> None:
        """Refuse a beginning that is over, or years away."""
        if not field.data or self._planned_ms(field) is not None:
            return
        ahead_ms = in_ms(field.data) - clock.now_ms()
        if ahead_ms < -DAY_MS:
            raise ValidationError(_("That day is over. Choose a later one."))
        if ahead_ms > FURTHEST_MS:
            raise ValidationError(_("That is more than two years ahead. Check the year."))

    def validate_ends_at(self, field: DateTimeLocalField) -> None:
        """Refuse an end before the start, one that is days away, and one that is over."""
        if not (self.starts_at.data and field.data):
            return
        length_ms = in_ms(field.data) - in_ms(self.starts_at.data)
        if length_ms <= 0:
            raise ValidationError(_("The end must be later than the beginning."))
        if length_ms > LONGEST_MS:
            raise ValidationError(_("A lesson lasts 24 hours at most."))
        if in_ms(field.data) <= clock.now_ms() and self._planned_ms(field) is None:
            raise ValidationError(_("That time is over. Choose a later one."))

    def _moment(self, field: DateTimeLocalField) -> int:
        planned_ms = self._planned_ms(field)
        return in_ms(cast(datetime, field.data)) if planned_ms is None else planned_ms

    def _planned_ms(self, field: DateTimeLocalField) -> int | None:
        """Return the planned moment where the field still holds its minute, which is all that the page has shown."""
        planned_ms: int | None = getattr(self.planned, f"{field.name}_ms", None)
        typed = cast(datetime, field.data).replace(second=0, microsecond=0)
        return planned_ms if planned_ms is not None and as_typed(planned_ms) == typed else None

    def judge_tokens(self) -> bool:
        """Write its faults beside each token. Return whether there are none."""
        typed = {part: field.data or "" for part, field in self.token_fields().items()}
        fine = True
        for part, field in self.token_fields().items():
            try:
                tokens.judge(part, typed, but=self.planned.id if self.planned else None, by=accounts.me())
            except AppError as error:
                refuse(field, error)
                fine = False
        return fine
