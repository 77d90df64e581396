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


class NotWhileRunning(Conflict):
    """A session that has begun is not planned any more."""

    code = "live.not_while_running"
    message = _l("This session has begun: only its end and what it is about can still be changed.")


class NotDeletable(Conflict):
    """A session that has begun is not deleted."""

    code = "live.not_deletable"
    message = _l("A session that has begun cannot be deleted.")
    mend = _l("End it in the studio.")
