"""Why a reaction is not taken."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.errors import Conflict, Forbidden


class NoSuch(Conflict):
    """The page knows a reaction that the server does not."""

    code = "reactions.unknown"
    message = _l("The server does not know this reaction.")
    mend = _l("Reload the page.")


class NotNow(Conflict):
    """The lesson is over."""

    code = "reactions.over"
    message = _l("The lesson is over.")
    mend = _l("Write to the teacher if you still have a question.")


class Muted(Forbidden):
    """A presenter has switched writing off for her."""

    code = "reactions.muted"
    message = _l("Writing is switched off for you.")
    mend = _l("A presenter can allow it again. You can still raise your hand.")
