"""Errors of push."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.errors import AppError, Conflict


class PushIsOff(Conflict):
    """No keys are set."""

    code = "push.off"
    message = _l("This service sends no messages to devices.")
    mend = _l("Whoever runs it makes the key with “flask push-key”.")


class UnknownPushService(AppError):
    """The endpoint is none of a push service that the settings name. Nobody makes us call another address."""

    status = 422
    code = "push.unknown_service"
    message = _l("This browser's push service is not among those that this service may call.")
    mend = _l("Use Chrome, Edge, Firefox or Safari. Whoever runs the service names further ones in PUSH_SERVICES.")


class NoSubscription(AppError):
    """What came is no subscription of a browser."""

    status = 422
    code = "push.no_subscription"
    message = _l("This browser did not say where messages reach it.")
    mend = _l("Reload the page and switch it on again.")
