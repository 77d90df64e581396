"""The form by which a manager searches lessons."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField
from wtforms.validators import Optional

from app.kernel.forms import choices
from app.kernel.text import tidied
from app.live.lifecycle import LiveState

STATES = choices(
    [
        ("", _l("all states")),
        (str(LiveState.SCHEDULED), _l("not begun")),
        (str(LiveState.ON_AIR), _l("on air")),
        (str(LiveState.PAUSED), _l("paused")),
        (str(LiveState.AWAY), _l("presenter away")),
        (str(LiveState.INTERRUPTED), _l("interrupted")),
        (str(LiveState.ENDED), _l("ended")),
        (str(LiveState.CANCELLED), _l("cancelled")),
    ]
)


class ManagedForm(FlaskForm):  # type: ignore[misc]
    """A manager's search among the sessions of her units, sent by GET."""

    class Meta:
        """A search changes nothing and needs no token; its address can be passed on."""

        csrf = False

    all_units = _l("all units")

    q = StringField(_l("Subject or teacher"), filters=[lambda typed: tidied(typed or "")])
    state = SelectField(_l("State"), choices=STATES, default="")
    unit = SelectField(_l("Unit"), coerce=int, default=0)
    since = DateField(_l("From"), [Optional()])
    until = DateField(_l("To"), [Optional()])
    order = SelectField(
        _l("Order"), choices=choices([("newest", _l("newest first")), ("oldest", _l("oldest first"))]), default="newest"
    )

    @property
    def wanted_state(self) -> LiveState | None:
        """The chosen state. `None` means all."""
        return LiveState(self.state.data) if self.state.data in set(LiveState) else None
