"""Signing in and out."""

from __future__ import annotations

import hashlib

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import services
from app.accounts.errors import WrongPassword
from app.accounts.forms import SignInForm
from app.extensions import limiter
from app.kernel import web
from app.kernel.access import Who, allows

bp = Blueprint("accounts", __name__)


@bp.get("/sign-in")
@allows(Who.ANYONE)
def sign_in() -> ResponseReturnValue:
    """Show the form."""
    if current_user.is_authenticated:
        return redirect(_next())
    return render_template("accounts/sign_in.html", form=SignInForm(), next=_next())


@bp.post("/sign-in")
@limiter.limit("10 per minute; 60 per hour", key_func=lambda: _who_tries())  # noqa: PLW0108 - defined below
@limiter.limit("100 per minute")
@allows(Who.ANYONE)
def open_session() -> ResponseReturnValue:
    """Check user name and password, begin a fresh session."""
    form = SignInForm()
    if form.validate_on_submit():
        try:
            user = services.check_password((form.username.data or "").strip(), form.password.data or "")
        except WrongPassword as error:
            form.password.errors = [error.message]
        else:
            services.sign_in(user, remember=form.remember.data)
            return redirect(_next())
    return render_template("accounts/sign_in.html", form=form, next=_next()), 422


@bp.post("/sign-out")
@allows(Who.ANYONE)
def sign_out() -> ResponseReturnValue:
    """End the session."""
    services.sign_out(current_user if current_user.is_authenticated else None)
    return redirect(url_for("home.index"))


@bp.post("/language")
@allows(Who.ANYONE)
def language() -> ResponseReturnValue:
    """Choose the language of the screen."""
    chosen = request.form.get("language")
    if chosen in web.LANGUAGES:
        session["language"] = chosen
    return redirect(_next())


def _who_tries() -> str:
    """Name address and account as the database would find it; a digest, since a stranger chooses its length."""
    name = request.form.get("username", "").strip().casefold()
    return f"{request.remote_addr} {hashlib.sha256(name.encode()).hexdigest()}"


def _next() -> str:
    wanted = request.values.get("next", "")
    return wanted if web.is_local(wanted) else url_for("home.index")
