"""Forms of learners and managers about learning hours."""

from __future__ import annotations

from decimal import Decimal

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.credits.reports.models import LONGEST_WORDS
from app.kernel.forms import choices
from app.kernel.text import one_line, plain_text

MOST_HOURS = 1000
CORRECT, REFUSE = "correct", "refuse"


class AppealForm(FlaskForm):  # type: ignore[misc]
    """An appeal about one's own hours."""

    entry = HiddenField()
    words = TextAreaField(
        _l("What is not right"),
        [DataRequired(_l("Say what is not right, and why.")), Length(max=LONGEST_WORDS)],
        [plain_text],
    )


class AnswerForm(FlaskForm):  # type: ignore[misc]
    """The answer to an appeal."""

    verdict = RadioField(
        _l("Decision"),
        [InputRequired(_l("Choose what becomes of the hours."))],
        choices=choices([(CORRECT, _l("Correct the hours")), (REFUSE, _l("The hours stay as they are"))]),
    )
    right = DecimalField(
        _l("Learning hours that are right"), [Optional(), NumberRange(0, MOST_HOURS, _l("Enter 0 to 1000."))]
    )
    words = TextAreaField(
        _l("Reason"), [DataRequired(_l("Give the reason; the person reads it.")), Length(max=300)], [plain_text]
    )


class CertificateForm(FlaskForm):  # type: ignore[misc]
    """Choice of the parts that a certificate shows to people who check it."""

    is_open = BooleanField(_l("Whoever checks it may see my name, my unit and my lessons"))


class CorrectionForm(FlaskForm):  # type: ignore[misc]
    """The hours of an entry as they are right."""

    right = DecimalField(
        _l("Learning hours that are right"),
        [InputRequired(_l("Enter the hours.")), NumberRange(0, MOST_HOURS, _l("Enter 0 to 1000."))],
    )
    reason = StringField(_l("Reason"), [DataRequired(_l("Give the reason.")), Length(max=300)], [one_line])


class BringForm(FlaskForm):  # type: ignore[misc]
    """Hours by hand: added, or earned elsewhere."""

    title = StringField(_l("What was learned"), [DataRequired(_l("Say what it was.")), Length(max=200)], [one_line])
    hours = DecimalField(
        _l("Learning hours"),
        [InputRequired(_l("Enter the hours.")), NumberRange(Decimal("0.01"), MOST_HOURS, _l("Enter 0.01 to 1000."))],
    )
    category = SelectField(_l("Category"))
    day = DateField(_l("Day"), [InputRequired(_l("Choose a day."))])
    reason = StringField(_l("Reason"), [DataRequired(_l("Give the reason.")), Length(max=300)], [one_line])
    proof = FileField(_l("Scanned proof"))


class ListForm(FlaskForm):  # type: ignore[misc]
    """A list of hours that were earned elsewhere."""

    file = FileField(_l("List as xlsx or CSV"), [DataRequired(_l("Choose a file."))])


class VerifyForm(FlaskForm):  # type: ignore[misc]
    """The code of a certificate."""

    class Meta:
        """A look changes nothing and needs no token."""

        csrf = False

    code = StringField(_l("Verification code"), [DataRequired(_l("Enter the code.")), Length(max=40)], [one_line])
