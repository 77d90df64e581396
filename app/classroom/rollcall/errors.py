"""Why no roll is called, or a confirmation does not count."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.kernel.errors import Conflict, Forbidden


class NotOnAir(Conflict):
    """Nobody is being taught at the moment."""

    code = "rollcall.not_on_air"
    message = _l("The roll is called while the lesson is on air.")
    mend = _l("Start or resume the lesson first.")


class AlreadyRunning(Conflict):
    """One at a time."""

    code = "rollcall.running"
    message = _l("A roll-call is running already.")
    mend = _l("Wait for its end, or end it now.")


class NotRunning(Conflict):
    """The roll-call is over."""

    code = "rollcall.not_running"
    message = _l("This roll-call is over already.")
    mend = _l("What was confirmed is kept; call the roll again if you need to.")


class NoRoom(Conflict):
    """The rest of the lesson is too short for so many."""

    code = "rollcall.no_room"

    def __init__(self, fit: int) -> None:
        """Name the number of roll-calls for which there is room."""
        super().__init__(
            ngettext(
                "The rest of the lesson has room for %(num)d random roll-call.",
                "The rest of the lesson has room for %(num)d random roll-calls.",
                fit,
            )
            if fit
            else _("The rest of the lesson is too short for a random roll-call."),
            _("Plan fewer or shorter ones, extend the lesson, or call the roll now."),
        )


class TooLate(Conflict):
    """The deadline has passed, or a presenter has ended it."""

    code = "rollcall.too_late"
    message = _l("This roll-call is over.")
    mend = _l("If you were here all the time, write to the teacher.")


class NotCalled(Forbidden):
    """A teacher or assistant confirms a roll-call."""

    code = "rollcall.not_called"
    message = _l("The roll is called for learners.")
    mend = _l("Who teaches or assists need not confirm.")
