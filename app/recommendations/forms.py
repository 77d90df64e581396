"""The form 推荐管理."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import HiddenField, RadioField, StringField, ValidationError
from wtforms.validators import Length, Optional

from app.kernel import clock, web
from app.kernel.forms import choices
from app.kernel.moments import TYPED, MomentField
from app.kernel.text import one_line
from app.recommendations.models import LONGEST_WORDS, Recommendation
from app.recommendations.services import Wish

CENTRES = choices([("0", _l("its top")), ("0.5", _l("its middle")), ("1", _l("its foot"))])


class RecommendationForm(FlaskForm):  # type: ignore[misc]
    """How a lesson is shown on the home page. Times are in the academy's zone."""

    picture = FileField(_l("Large picture"))
    picture_name = HiddenField()
    centre = RadioField(_l("What stays of a picture that is too high"), choices=CENTRES, default="0.5")
    words = StringField(_l("Recommending words"), [Optional(), Length(max=LONGEST_WORDS)], filters=[one_line])
    from_at = MomentField(_l("Shown from"), [Optional()], format=TYPED)
    until_at = MomentField(_l("Shown until"), [Optional()], format=TYPED)

    def validate_until_at(self, field: MomentField) -> None:
        """Refuse an end before the beginning, or in the past."""
        if field.data is None:
            return
        until_ms = clock.to_ms(field.data.replace(tzinfo=web.zone()))
        if until_ms <= max(clock.now_ms(), self.from_ms or 0):
            raise ValidationError(_("Choose an end that is still to come, after the beginning."))

    @property
    def from_ms(self) -> int | None:
        """Beginning in epoch ms. `None` means now."""
        return clock.to_ms(self.from_at.data.replace(tzinfo=web.zone())) if self.from_at.data else None

    def wish(self) -> Wish:
        """Return what the form says."""
        until = self.until_at.data
        return Wish(
            words=self.words.data or "",
            picture=self.picture_name.data or "",
            from_ms=self.from_ms,
            until_ms=clock.to_ms(until.replace(tzinfo=web.zone())) if until else None,
        )


def form_of(row: Recommendation | None) -> RecommendationForm:
    """Return the form, filled with what is shown now."""
    if row is None:
        return RecommendationForm()
    zone = web.zone()
    return RecommendationForm(
        picture_name=row.picture,
        words=row.words,
        from_at=clock.to_datetime(row.from_ms).astimezone(zone),
        until_at=clock.to_datetime(row.until_ms).astimezone(zone) if row.until_ms is not None else None,
    )
