"""Why a hand is not raised, or nobody called."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.errors import Conflict


class HandDown(Conflict):
    """Another assistant was quicker, or the hand was lowered."""

    code = "hands.down"
    message = _l("This hand is not up any more.")
    mend = _l("Choose another one from the list.")


class NoWay(Conflict):
    """The page knows a way to speak that the server does not."""

    code = "hands.no_way"
    message = _l("The server does not know this way to speak.")
    mend = _l("Reload the page and raise your hand again.")


class StageFull(Conflict):
    """As many have the floor as there are seats on the stage."""

    code = "hands.full"
    message = _l("All seats on the stage are taken.")
    mend = _l("Press “Please speak” to change the speaker, or ask somebody to leave the stage first.")


class NotNow(Conflict):
    """The lesson is over."""

    code = "hands.over"
    message = _l("The lesson is over.")
    mend = _l("Write to the teacher if you still have a question.")
