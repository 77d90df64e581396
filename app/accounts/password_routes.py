"""Pages for forgotten passwords and mailed links."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import passwords, services
from app.accounts.errors import WeakPassword
from app.accounts.forms import ForgottenForm, NewPassword
from app.extensions import limiter
from app.kernel.access import Who, allows
from app.kernel.forms import refuse
from app.mail import services as mail

bp = Blueprint("passwords", __name__, url_prefix="/password")


@bp.get("/forgotten")
@allows(Who.ANYONE)
def forgotten() -> ResponseReturnValue:
    """Ask for the person whose password is forgotten."""
    return render_template("accounts/forgotten.html", form=ForgottenForm(), mailed=False, by_mail=mail.is_configured())


@bp.post("/forgotten")
@limiter.limit("5 per minute; 30 per hour")
@allows(Who.ANYONE)
def send_link() -> ResponseReturnValue:
    """Mail a link, if there is such a person. The answer is the same if there is not."""
    form = ForgottenForm()
    if not form.validate_on_submit():
        page = render_template("accounts/forgotten.html", form=form, mailed=False, by_mail=mail.is_configured())
        return page, 422
    passwords.ask_for_link(form.who.data or "")
    return render_template("accounts/forgotten.html", form=form, mailed=True, by_mail=mail.is_configured())


@bp.get("/<token>")
@allows(Who.ANYONE)
def choose(token: str) -> ResponseReturnValue:
    """Show the form to which a mailed link leads."""
    user = passwords.user_of(token)
    return render_template("accounts/choose.html", form=NewPassword(), user=user)


@bp.post("/<token>")
@limiter.limit("20 per minute")
@allows(Who.ANYONE)
def set_by_link(token: str) -> ResponseReturnValue:
    """Set the password and sign in."""
    user = passwords.user_of(token)
    form = NewPassword()
    if form.validate_on_submit():
        try:
            services.sign_in(passwords.set_by_link(token, form.password.data or ""), remember=False)
        except WeakPassword as error:
            refuse(form.password, error)
        else:
            flash(_("Your password is set, and you are signed in."))
            return redirect(url_for("home.index"))
    return render_template("accounts/choose.html", form=form, user=user), 422
