"""The way to the identity provider and back."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import services as accounts
from app.extensions import limiter
from app.identity import claims, provider, services
from app.identity.errors import NotConfirmed
from app.kernel import web
from app.kernel.access import Who, allows

bp = Blueprint("identity", __name__, url_prefix="/sign-in/provider")

NEXT = "identity_next"
LONGEST_NEXT = 500
"""Maximum characters. The address travels in the cookie, beside the provider's own data."""


@bp.get("")
@limiter.limit("30 per minute")
@allows(Who.ANYONE)
def leave() -> ResponseReturnValue:
    """Send the browser to the provider."""
    wanted = _next(request.args.get("next", ""))
    if current_user.is_authenticated:
        return redirect(wanted)
    session[NEXT] = wanted
    return provider.send_away(web.absolute("identity.come_back"))


@bp.get("/callback")
@limiter.limit("30 per minute")
@allows(Who.ANYONE)
def come_back() -> ResponseReturnValue:
    """Sign in the person whom the provider has sent back."""
    wanted = _next(session.get(NEXT, ""))
    try:
        said = provider.come_back()
    except NotConfirmed:
        if current_user.is_authenticated:  # the page was loaded again, or another window was faster: she is signed in
            return redirect(wanted)
        raise
    accounts.sign_in(services.person_for(claims.read(said, current_app.config)), remember=False)
    return redirect(wanted)


def _next(wanted: str) -> str:
    return wanted if web.is_local(wanted) and len(wanted) <= LONGEST_NEXT else url_for("home.index")
