"""Forms of recordings."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectField, StringField

from app.kernel.forms import choices
from app.kernel.text import tidied
from app.live.audiences import audience_choices, audience_words
from app.live.models import Audience, LiveSession
from app.replays.publishing.queries import Order, Shown

AS_LESSON, NOBODY = "lesson", "nobody"


class RecordingsForm(FlaskForm):  # type: ignore[misc]
    """Search among recordings, sent by GET."""

    class Meta:
        """A search changes nothing and needs no token; its address can be passed on."""

        csrf = False

    all_units = _l("all units")

    q = StringField(_l("Subject or teacher"), filters=[lambda typed: tidied(typed or "")])
    shown = SelectField(
        _l("Publishing"),
        choices=choices(
            [
                (str(Shown.ALL), _l("all recordings")),
                (str(Shown.PUBLISHED), _l("published")),
                (str(Shown.WITHHELD), _l("not published")),
                (str(Shown.BIN), _l("recycle bin")),
            ]
        ),
        default="",
    )
    unit = SelectField(_l("Unit"), coerce=int, default=0)
    order = SelectField(
        _l("Order"),
        choices=choices(
            [
                (str(Order.NEWEST), _l("newest first")),
                (str(Order.OLDEST), _l("oldest first")),
                (str(Order.LONGEST), _l("longest first")),
                (str(Order.LARGEST), _l("largest first")),
                (str(Order.MOST_VIEWED), _l("most viewers first")),
                (str(Order.SUBJECT), _l("by subject")),
            ]
        ),
        default=str(Order.NEWEST),
    )


class PublishForm(FlaskForm):  # type: ignore[misc]
    """Audience of a recording."""

    audience = RadioField(_l("Who may watch the replay"))
    guests = BooleanField(_l("Guests with the lesson’s link or QR code may watch it, too"))

    notes = BooleanField(_l("The search finds the speaker’s notes for everybody, not only for presenters"))

    chat = BooleanField(_l("The replay shows chat, questions and polls"))
    names = BooleanField(_l("The replay shows the names of learners; without it, others see a number"))

    def __init__(self, live: LiveSession) -> None:
        """Show what holds now, or what was sent."""
        now = NOBODY if live.replay_hidden else str(live.replay_audience or AS_LESSON)
        super().__init__(
            data={
                "audience": now,
                "guests": live.replay_guests,
                "notes": live.replay_notes,
                "chat": live.replay_chat,
                "names": live.replay_names,
            }
        )
        as_lesson = _("Everybody who may watch the lesson: %(audience)s", audience=audience_words(live))
        self.audience.choices = choices(
            [
                (AS_LESSON, as_lesson),
                *((one.value, one.label) for one in audience_choices(live.unit, kept=live.replay_audience)),
                (NOBODY, _("Nobody but its presenters")),
            ]
        )

    @property
    def is_for_nobody(self) -> bool:
        """Return whether the recording is not to be published."""
        return bool(self.audience.data == NOBODY)

    @property
    def chosen_audience(self) -> Audience | None:
        """The audience that was chosen; `None` for the lesson's own."""
        chosen: Any = self.audience.data
        return Audience(chosen) if chosen in set(Audience) else None
