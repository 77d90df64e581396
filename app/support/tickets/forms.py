"""Forms of askers and helpers."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, MultipleFileField
from wtforms import BooleanField, Field, HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, ValidationError

from app.kernel.forms import choices
from app.kernel.text import one_line, plain_text
from app.mail.letter import ADDRESS
from app.support.tickets.models import LONGEST_FACTS, LONGEST_SUBJECT, LONGEST_WORDS, PRIORITY_NAMES

WORDS = [
    DataRequired(_l("Write some words.")),
    Length(max=LONGEST_WORDS, message=_l("Use at most 5,000 characters; put the rest into a file.")),
]


def _address(_form: FlaskForm, field: Field) -> None:
    if not ADDRESS.fullmatch(field.data or ""):
        raise ValidationError(str(_l("Enter an e-mail address.")))


class ReplyForm(FlaskForm):  # type: ignore[misc]
    """Words of the asker, with pictures and a log."""

    words = TextAreaField(_l("Your reply"), WORDS, [plain_text])
    pictures = MultipleFileField(_l("Pictures"))
    log = FileField(_l("Log file"))


class QuestionForm(ReplyForm):
    """A new question."""

    subject = StringField(
        _l("In one line"),
        [DataRequired(_l("Say in one line what it is about.")), Length(max=LONGEST_SUBJECT)],
        [one_line],
    )
    words = TextAreaField(_l("What happened"), WORDS, [plain_text])
    page = HiddenField()
    with_facts = BooleanField(_l("Attach the diagnostics that are shown here"))
    facts = TextAreaField(_l("Diagnostics"), [Length(max=LONGEST_FACTS)])


class StrangerForm(QuestionForm):
    """A new question of a person without an account."""

    name = StringField(_l("Your name"), [DataRequired(_l("Enter your name.")), Length(max=64)], [one_line])
    email = StringField(
        _l("Your e-mail"), [DataRequired(_l("Enter an e-mail address.")), Length(max=254), _address], [one_line]
    )


class RatingForm(FlaskForm):  # type: ignore[misc]
    """How good the help was."""

    rating = RadioField(
        _l("How good was the help?"),
        [InputRequired(_l("Choose one."))],
        coerce=int,
        choices=choices(
            [(5, _l("very good")), (4, _l("good")), (3, _l("fair")), (2, _l("poor")), (1, _l("very poor"))]
        ),
    )


class AnswerForm(FlaskForm):  # type: ignore[misc]
    """An answer, or an internal note."""

    words = TextAreaField(_l("Reply"), WORDS, [plain_text])


class DeskForm(FlaskForm):  # type: ignore[misc]
    """Helper and urgency of a ticket."""

    assignee = SelectField(_l("Answered by"))
    priority = SelectField(_l("Priority"), choices=choices(PRIORITY_NAMES.items()))

    def __init__(self, people: list[tuple[int, str]], **given: Any) -> None:
        super().__init__(**given)
        self.assignee.choices = choices([("", _l("nobody yet")), *((str(one), name) for one, name in people)])


class MergeForm(FlaskForm):  # type: ignore[misc]
    """The ticket that this one is about as well."""

    number = IntegerField(
        _l("Number of the other ticket"),
        [InputRequired(_l("Enter its number.")), NumberRange(1, 2**31 - 1, _l("Enter its number."))],
    )


class CannedForm(FlaskForm):  # type: ignore[misc]
    """An answer that is given often."""

    unit = SelectField(_l("For tickets of"), coerce=int)
    title = StringField(_l("Name"), [DataRequired(_l("Enter a name.")), Length(max=60)], [one_line])
    words = TextAreaField(_l("Reply"), WORDS, [plain_text])
