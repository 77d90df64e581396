"""What can go wrong with a session's plan. Codes are those of the service that this one replaces."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.kernel.errors import Conflict


class SubjectExists(Conflict):
    """Another session has the subject; the next free one is offered."""

    code = "subject exists"

    def __init__(self, offered: str) -> None:
        self.offered = offered
        super().__init__(
            _("Another session has this subject (subject exists)."), _("“%(offered)s” is free.", offered=offered)
        )


class TooEarly(Conflict):
    """A lesson opens half an hour before its start."""

    code = "live.too_early"
    message = _l("This session can be started from 30 minutes before its beginning.")
    mend = _l("Wait until then, or change when it begins.")


class TimeOver(Conflict):
    """The time of a lesson has passed without it."""

    code = "live.time_over"
    message = _l("The time of this session is over.")
    mend = _l("Change when it ends, then start it.")


class NotWhileRunning(Conflict):
    """A session that has begun is not planned any more."""

    code = "live.not_while_running"
    message = _l("This session has begun: only its end and what it is about can still be changed.")


class NotDeletable(Conflict):
    """A session that has begun is not deleted."""

    code = "live.not_deletable"
    message = _l("A session that has begun cannot be deleted.")
    mend = _l("End it in the studio.")
