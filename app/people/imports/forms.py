"""Forms of imports."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, IntegerField, RadioField, SelectField
from wtforms.widgets import HiddenInput

from app.kernel.forms import choices

UPDATE, SKIP = "update", "skip"


class BringForm(FlaskForm):  # type: ignore[misc]
    """A file, and the unit for its people."""

    file = FileField(_l("File"), [FileRequired(_l("Choose a file."))])
    unit_id = SelectField(_l("Unit"), coerce=int)


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    """Choices for the people in the preview."""

    version = IntegerField(widget=HiddenInput())
    known = RadioField(
        _l("People who have an account already"),
        choices=choices([(UPDATE, _l("Update them as the file says")), (SKIP, _l("Leave them as they are"))]),
        default=UPDATE,
    )
    invite = BooleanField(_l("Mail invitations to new people"), default=False)
