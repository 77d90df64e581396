"""Signing in and out, and the language of the screen."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import entrances, services
from app.accounts.errors import TooManyTries, WrongPassword
from app.accounts.forms import SignInForm
from app.kernel import web
from app.kernel.access import Who, allows
from app.kernel.forms import refuse

bp = Blueprint("accounts", __name__)


@bp.get("/sign-in")
@allows(Who.ANYONE)
def sign_in() -> ResponseReturnValue:
    """Show the form."""
    if current_user.is_authenticated:
        return redirect(_next())
    return _page(SignInForm())


@bp.post("/sign-in")
@allows(Who.ANYONE)
def open_session() -> ResponseReturnValue:
    """Check user name and password, and begin a fresh session."""
    form = SignInForm()
    status = 422
    if form.validate_on_submit():
        try:
            services.sign_in_with_password(
                form.username.data or "", form.password.data or "", remember=form.remember.data
            )
            return redirect(_next())
        except (WrongPassword, TooManyTries) as error:
            refuse(form.password, error)
            status = error.status
    return _page(form), status


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


def _page(form: SignInForm) -> str:
    return render_template("accounts/sign_in.html", form=form, next=_next(), entrances=entrances.shown(_next()))


def _next() -> str:
    wanted = request.values.get("next", "")
    return wanted if web.is_local(wanted) else url_for("home.index")
