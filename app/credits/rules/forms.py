"""Forms about rules."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    Field,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.credits.rules.rule import ReplayCounts, Rounding, Rule, Step
from app.credits.rules.words import number
from app.kernel import clock, web
from app.kernel.forms import choices
from app.kernel.text import one_line, plain_text

MOST_STEPS = 20
MOST_HOURS = 100

ROUNDINGS = choices(
    [
        (str(Rounding.NONE), _l("to the hundredth, downwards")),
        (str(Rounding.HALVES), _l("to halves, downwards")),
        (str(Rounding.WHOLE_DOWN), _l("to whole hours, downwards")),
        (str(Rounding.WHOLE_NEAREST), _l("to the nearest whole hour")),
    ]
)
REPLAYS = choices(
    [
        (str(ReplayCounts.FULLY), _l("counts, without an end")),
        (str(ReplayCounts.FOR_DAYS), _l("counts for some days after the lesson")),
        (str(ReplayCounts.NO), _l("does not count")),
    ]
)
SPEEDS = choices([("1", "1×"), ("1.25", "1.25×"), ("1.5", "1.5×"), ("2", "2×"), ("16", _l("any speed"))])


def steps_of(text: str) -> tuple[Step, ...]:
    """Read a table of steps: minutes and hours, one step a line.

    Raises:
        ValueError: a line is none.
    """
    steps = []
    for line in text.splitlines():
        if not line.strip():
            continue
        try:
            minutes, hours = line.replace("=", " ").replace(":", " ").replace("：", " ").split()
            steps.append(Step(int(minutes) * 60, Decimal(hours).quantize(Decimal("0.01"))))
        except (ValueError, InvalidOperation):
            raise ValueError(line.strip()[:40]) from None
    if any(not (0 <= one.from_s <= 86_400 and 0 <= one.hours <= MOST_HOURS) for one in steps):
        raise ValueError(text.strip()[:40])
    return tuple(sorted(steps, key=lambda one: one.from_s))[:MOST_STEPS]


class RuleForm(FlaskForm):  # type: ignore[misc]
    """A rule, and from when on it holds."""

    minutes_per_hour = IntegerField(
        _l("Minutes that make 1 learning hour"),
        [InputRequired(_l("Enter the minutes.")), NumberRange(1, 600, _l("Enter 1 to 600 minutes."))],
        default=45,
    )
    rounding = SelectField(_l("Rounding"), choices=ROUNDINGS)
    steps = TextAreaField(_l("Table of steps"), [Optional(), Length(max=600)], [plain_text])
    least_share = IntegerField(
        _l("Least share of the lesson, %"),
        [InputRequired(_l("Enter 0 for none.")), NumberRange(0, 100, _l("Enter 0 to 100."))],
        default=0,
    )
    most_per_day = DecimalField(
        _l("Most learning hours a day"), [Optional(), NumberRange(Decimal("0.25"), 24, _l("Enter 0.25 to 24."))]
    )
    replay = SelectField(_l("Replay"), choices=REPLAYS)
    replay_days = IntegerField(
        _l("Days for which the replay counts"),
        [Optional(), NumberRange(1, 3650, _l("Enter 1 to 3650 days."))],
        default=30,
    )
    most_speed = SelectField(_l("Most speed that counts"), choices=SPEEDS, default="2")
    rollcalls_needed = IntegerField(
        _l("Least share of confirmed roll-calls, %"),
        [InputRequired(_l("Enter 0 for none.")), NumberRange(0, 100, _l("Enter 0 to 100."))],
        default=0,
    )
    checks_per_hour = IntegerField(
        _l("Presence checks an hour"),
        [InputRequired(_l("Enter 0 for none.")), NumberRange(0, 6, _l("Enter 0 to 6."))],
        default=0,
    )
    once = BooleanField(_l("A lesson and its copies count once"))
    teachers_too = BooleanField(_l("Teachers and assistants get hours for teaching"))
    valid_from = DateField(_l("Valid from"), [InputRequired(_l("Choose a day."))])
    note = StringField(_l("Why"), [Optional(), Length(max=200)], [one_line])

    def validate_steps(self, field: Field) -> None:
        """Show which line of the table cannot be read."""
        try:
            steps_of(field.data or "")
        except ValueError as error:
            raise ValidationError(
                _("“%(line)s” is no step. Write the minutes, then the hours: 30 1", line=error)
            ) from None

    def rule(self) -> Rule:
        """Return what a valid form says."""
        return Rule(
            minutes_per_hour=self.minutes_per_hour.data or 0,
            rounding=Rounding(self.rounding.data),
            steps=steps_of(self.steps.data or ""),
            most_per_day=self.most_per_day.data,
            least_share=self.least_share.data or 0,
            replay=ReplayCounts(self.replay.data),
            replay_days=self.replay_days.data or Rule().replay_days,
            most_speed=float(self.most_speed.data),
            rollcalls_needed=self.rollcalls_needed.data or 0,
            checks_per_hour=self.checks_per_hour.data or 0,
            teachers_too=bool(self.teachers_too.data),
            once=bool(self.once.data),
        )

    def valid_from_ms(self) -> int:
        """Return from when on it holds, epoch ms: today means from now on."""
        assert self.valid_from.data is not None
        begins = web.start_of_day_ms(self.valid_from.data)
        now = clock.now_ms()
        return now if web.day_of(now)[0] == begins else begins


def shown(rule: Rule) -> dict[str, Any]:
    """Return what the form's fields show of a rule."""
    return {
        "minutes_per_hour": rule.minutes_per_hour,
        "rounding": str(rule.rounding),
        "steps": "\n".join(f"{one.from_s // 60} {number(one.hours)}" for one in rule.steps),
        "most_per_day": rule.most_per_day,
        "least_share": rule.least_share,
        "replay": str(rule.replay),
        "replay_days": rule.replay_days,
        "most_speed": f"{rule.most_speed:g}",
        "rollcalls_needed": rule.rollcalls_needed,
        "checks_per_hour": rule.checks_per_hour,
        "teachers_too": rule.teachers_too,
        "once": rule.once,
    }


class TermsForm(FlaskForm):  # type: ignore[misc]
    """A manager's decision about one lesson."""

    category = SelectField(_l("Category"))
    fixed = DecimalField(
        _l("Fixed learning hours"), [Optional(), NumberRange(0, MOST_HOURS, _l("Enter 0 to 100 learning hours."))]
    )
    reason = StringField(_l("Why"), [Optional(), Length(max=200)], [one_line])


class CategoryForm(FlaskForm):  # type: ignore[misc]
    """A category of the academy's own list."""

    name = StringField(_l("New category"), [DataRequired(_l("Enter a name.")), Length(max=40)], [one_line])
