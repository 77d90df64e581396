"""Ways into a lesson: a token, a guest link, a place."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import queries as accounts
from app.accounts.errors import TooManyTokens
from app.kernel.access import Who, allows
from app.kernel.errors import SignInFirst
from app.kernel.forms import told
from app.live import guests, tokens
from app.live.access import for_lesson
from app.live.errors import OfAnotherUnit, TokenUnknown
from app.live.joining import services as joining
from app.live.lifecycle import LiveState
from app.live.models import LiveSession, Part
from app.live.views import row_of

bp = Blueprint("joining", __name__)

TYPED = "token_typed"
"""Key of the token that a visitor typed before signing in, so that she need not do it again."""

LONGEST_TYPED = 40
"""Characters of it that are kept; the longest token has 15."""


@bp.get("/token")
@allows(Who.ANYONE)
def token() -> ResponseReturnValue:
    """Ask for a token (口令)."""
    return render_template("live/token.html", typed=session.get(TYPED, ""), error="")


@bp.post("/token")
@allows(Who.SIGNED_IN, asks_itself=True)
def enter() -> ResponseReturnValue:
    """Take a person in by a token. Presenters come to the studio, learners to the lesson."""
    typed = tokens.tidy(request.form.get("token"))
    try:
        live, part = joining.enter(typed, accounts.viewer(), sure="sure" in request.form)
    except (TokenUnknown, TooManyTokens) as error:
        return render_template("live/token.html", typed=typed, error=told(error)), 422
    except OfAnotherUnit as error:
        session.pop(TYPED, None)
        shown = row_of(error.live, accounts.viewer())
        return render_template(
            "live/token_of_another_unit.html", typed=typed, live=shown, unit=error.live.unit.name, part=error.part
        )
    except SignInFirst:
        session[TYPED] = typed[:LONGEST_TYPED]
        flash(_("Tokens are for people with an account: sign in, the token is kept for you."))
        return redirect(url_for("accounts.sign_in", next=url_for("joining.token")))
    session.pop(TYPED, None)
    return redirect(url_for("classroom.watch" if part is Part.LEARNER else "classroom.studio", live_id=live.id))


@bp.get("/g/<token>")
@allows(Who.ANYONE)
def enter_by_link(token: str) -> ResponseReturnValue:
    """Open the watch page for the visitor who scanned the QR code. A person who may watch anyway is no guest."""
    live = guests.admit_by_link(token)
    return redirect(url_for("replays.page" if live.state is LiveState.ENDED else "classroom.watch", live_id=live.id))


@bp.post("/live/<live_id>/guest")
@for_lesson(Who.WATCHER)
def name_guest(live: LiveSession) -> ResponseReturnValue:
    """Store the name that a guest has chosen."""
    guests.rename(live, request.form.get("name", ""))
    return redirect(url_for("classroom.watch", live_id=live.id))


@bp.post("/live/<live_id>/place")
@for_lesson(Who.SIGNED_IN)
def sign_up(live: LiveSession) -> ResponseReturnValue:
    """报名."""
    joining.sign_up(live, accounts.me())
    flash(_("You have a place."))
    return redirect(url_for("live.page", live_id=live.id))


@bp.delete("/live/<live_id>/place")
@for_lesson(Who.SIGNED_IN)
def sign_off(live: LiveSession) -> ResponseReturnValue:
    """Give the place back."""
    joining.sign_off(live, accounts.me())
    flash(_("Your place is free for somebody else."))
    return redirect(url_for("live.page", live_id=live.id))
