"""The switch for messages to the browser in which a person is signed in."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.accounts import queries as accounts
from app.extensions import limiter
from app.kernel.access import Who, allows
from app.notices.push import services

bp = Blueprint("push", __name__)


@bp.post("/account/push")
@limiter.limit("30 per hour", key_func=accounts.asker)
@allows(Who.SIGNED_IN)
def switch_on() -> ResponseReturnValue:
    """Take the subscription that this browser has made with its push service."""
    given = (request.form.get(name, "") for name in ("endpoint", "p256dh", "auth"))
    services.switch_on(accounts.me(), *given)
    return "", 204


@bp.delete("/account/push")
@allows(Who.SIGNED_IN)
def switch_off() -> ResponseReturnValue:
    """Forget the subscription of this browser."""
    services.switch_off(accounts.me())
    return "", 204
