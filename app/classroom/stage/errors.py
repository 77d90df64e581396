"""Why somebody is not on the stage, or not heard there."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.errors import AppError, Conflict


class NoSocket(Conflict):
    """The page fetches events in place of a websocket, so signals would reach it too late."""

    code = "stage.no_socket"
    message = _l("Speaking needs a WebSocket, which this network does not let through.")
    mend = _l("Write your question in the chat, or try another network, such as that of your phone.")


class NoFloor(Conflict):
    """The person was not called, or another person has been called since."""

    code = "stage.no_floor"
    message = _l("It is not your turn to speak.")
    mend = _l("Raise your hand and wait until the teacher calls you.")


class NotOnStage(AppError):
    """One of two pages that want to talk is not on the stage of this lesson."""

    status = 403
    code = "stage.not_on"
    message = _l("This page is not on the stage.")
    mend = _l("Raise your hand and wait until the teacher calls you.")


class TooLong(AppError):
    """The signal is longer than the description of any browser."""

    status = 413
    code = "stage.too_long"
    message = _l("The server did not understand the page.")
    mend = _l("Reload the page and try again.")


class NoSuchRules(Conflict):
    """A turn of such a length, or a layout of such a name, is not offered."""

    code = "stage.no_such_rules"
    message = _l("The stage cannot be set like this.")
    mend = _l("Reload the page and choose one of the settings that are offered.")
