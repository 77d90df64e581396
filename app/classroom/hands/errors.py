"""Why a hand is not raised, or nobody called."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.errors import Conflict


class HandDown(Conflict):
    """Somebody else was quicker, or it was lowered."""

    code = "hands.down"
    message = _l("This hand is not up any more.")
    mend = _l("Choose another one from the list.")


class NotNow(Conflict):
    """The lesson is over."""

    code = "hands.over"
    message = _l("The session is over.")
    mend = _l("Write to the teacher if you still have a question.")
