"""To the identity provider and back."""

from __future__ import annotations

from flask import Blueprint, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from app.accounts import services as accounts
from app.extensions import limiter
from app.identity import provider, services
from app.kernel import web
from app.kernel.access import Who, allows

bp = Blueprint("identity", __name__, url_prefix="/sign-in/provider")

NEXT = "identity_next"


@bp.get("")
@limiter.limit("30 per minute")
@allows(Who.ANYONE)
def leave() -> ResponseReturnValue:
    """Send the browser to the provider."""
    wanted = request.args.get("next", "")
    session[NEXT] = wanted if web.is_local(wanted) else url_for("home.index")
    return provider.send_away(web.absolute("identity.come_back"))


@bp.get("/callback")
@limiter.limit("30 per minute")
@allows(Who.ANYONE)
def come_back() -> ResponseReturnValue:
    """Sign in whom the provider has sent back."""
    claims = provider.come_back()
    wanted = session.get(NEXT, "")
    accounts.sign_in(services.person_for(claims), remember=False)
    return redirect(wanted if web.is_local(wanted) else url_for("home.index"))
