"""The form of a poll that is prepared."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from app.classroom.polls import drafts, errors
from app.classroom.polls.drafts import COUNTDOWNS_S, Draft
from app.classroom.polls.models import LONGEST_QUESTION, MOST_OPTIONS, Kind, Poll, numbers_of
from app.kernel.errors import AppError
from app.kernel.forms import choices, refuse, told

KIND_NAMES: dict[Kind, LazyString] = {
    Kind.SINGLE: _l("Single choice"),
    Kind.MULTIPLE: _l("Multiple choice"),
    Kind.TEXT: _l("Text"),
    Kind.RATING: _l("Rating 1 to 5"),
}
ABOUT_OPTIONS = (errors.OptionCount, errors.OptionTooLong, errors.OneRight, errors.RightIsEmpty)


def countdown_words(seconds: int) -> str:
    """Write how long a countdown lasts."""
    if not seconds:
        return str(_("no countdown"))
    if seconds % 60:
        return str(_("%(n)s seconds", n=seconds))
    return str(_("%(n)s min", n=seconds // 60))


class PollForm(FlaskForm):  # type: ignore[misc]
    """Question, kind and countdown; the options are lines beside it, `option` and `right`."""

    question = StringField(
        _l("Question"), [InputRequired(_l("Write what you want to ask.")), Length(max=LONGEST_QUESTION)]
    )
    kind = RadioField(_l("Kind"), choices=choices((str(kind), name) for kind, name in KIND_NAMES.items()))
    countdown_s = SelectField(_l("Countdown"), coerce=int)

    def __init__(self, poll: Poll | None = None, **given: Any) -> None:
        """Show a poll, or an empty one."""
        start = {"kind": str(poll.kind if poll else Kind.SINGLE), "countdown_s": poll.countdown_s if poll else 0}
        super().__init__(data={"question": poll.question if poll else "", **start}, **given)
        offered = sorted({*COUNTDOWNS_S, self.countdown_s.data or 0} if poll else COUNTDOWNS_S)
        self.countdown_s.choices = choices((seconds, countdown_words(seconds)) for seconds in offered)
        self.options_wrong = ""
        """Errors of the options."""
        typed = request.form.getlist("options") if request.form else (poll.options if poll else [])
        self.options: list[str] = [*typed, *[""] * MOST_OPTIONS][:MOST_OPTIONS]
        marked = request.form.getlist("right") if request.form else numbers_of(poll.right if poll else 0)
        self.right: list[int] = [int(one) for one in marked if str(one).isdecimal() and len(str(one)) < 3]

    def draft(self) -> Draft:
        """Return what was typed.

        Raises:
            AppError: it cannot be asked; see `beside`.
        """
        return drafts.judged(self.kind.data, self.question.data or "", self.options, self.right, self.countdown_s.data)

    def beside(self, error: AppError) -> None:
        """Show the fault beside the field."""
        if isinstance(error, ABOUT_OPTIONS):
            self.options_wrong = told(error)
        else:
            refuse(self.countdown_s if isinstance(error, errors.Countdown) else self.question, error)
