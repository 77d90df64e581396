"""我的账号: a person's own data, her password, and the browsers in which she is signed in."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.accounts import addresses, browsers, passwords, queries, services
from app.accounts.errors import EmailTaken, TooManyTries, WeakPassword, WrongPassword
from app.accounts.forms import AddressForm, ChangePassword
from app.extensions import limiter
from app.kernel.access import Who, allows
from app.kernel.forms import refuse
from app.mail import services as mail
from app.units import queries as units

bp = Blueprint("account", __name__, url_prefix="/account")


@bp.get("")
@allows(Who.SIGNED_IN)
def profile() -> ResponseReturnValue:
    """Show the person's own data."""
    return _profile(AddressForm(email=queries.me().email))


@bp.post("/address")
@limiter.limit("10 per hour", key_func=queries.asker)
@allows(Who.SIGNED_IN)
def change_address() -> ResponseReturnValue:
    """Mail a link to a new e-mail address."""
    form = AddressForm()
    if not form.validate_on_submit():
        return _profile(form), 422
    try:
        addresses.ask_for(queries.me(), form.email.data or "")
    except EmailTaken as error:
        refuse(form.email, error)
        return _profile(form), error.status
    if mail.is_configured():
        flash(_("A link is on its way to %(email)s. The address counts when you open it.", email=form.email.data))
    else:
        flash(_("The administrator passes a link on to you. The address counts when you open it."))
    return redirect(url_for("account.profile"))


@bp.get("/address/<token>")
@allows(Who.ANYONE)
def confirm_address(token: str) -> ResponseReturnValue:
    """Ask for the press that confirms the address, because programs that scan mails follow links."""
    user, email = addresses.named_by(token)
    return render_template("accounts/address.html", token=token, user=user, email=email)


@bp.post("/address/<token>")
@allows(Who.ANYONE)
def use_address(token: str) -> ResponseReturnValue:
    """Take the address to which the link was mailed."""
    user = addresses.confirm(token)
    flash(_("%(email)s is your e-mail address now.", email=user.email))
    return redirect(url_for("account.profile"))


@bp.get("/password")
@allows(Who.SIGNED_IN)
def password() -> ResponseReturnValue:
    """Show the form for a new password."""
    return render_template(
        "accounts/password.html", form=ChangePassword(), has_one=queries.me().password_hash is not None
    )


@bp.post("/password")
@allows(Who.SIGNED_IN)
def change_password() -> ResponseReturnValue:
    """Change the password, and end every other sign-in."""
    form = ChangePassword()
    status = 422
    if form.validate_on_submit():
        try:
            passwords.change(queries.me(), old=form.old.data or "", new=form.password.data or "")
        except WrongPassword:
            form.old.errors = [_("This is not your present password.")]
        except TooManyTries as error:
            refuse(form.old, error)
            status = error.status
        except WeakPassword as error:
            refuse(form.password, error)
        else:
            flash(_("Your password is changed. You are signed out everywhere else."))
            return redirect(url_for("account.profile"))
    has_one = queries.me().password_hash is not None
    return render_template("accounts/password.html", form=form, has_one=has_one), status


@bp.get("/sign-ins")
@allows(Who.SIGNED_IN)
def sign_ins() -> ResponseReturnValue:
    """List the browsers in which the person is signed in."""
    user = queries.me()
    rows = [
        (index, one, browsers.in_words(one.browser), one.key == user.sign_in_key)
        for index, one in enumerate(queries.sign_ins_of(user))
    ]
    return render_template("accounts/sign_ins.html", sign_ins=rows)


@bp.delete("/sign-ins/<int:began_ms>")
@allows(Who.SIGNED_IN)
def end_sign_in(began_ms: int) -> ResponseReturnValue:
    """Sign out one other browser, named by the moment (epoch ms) of its sign-in, because its key is a secret."""
    user = queries.me()
    for one in queries.sign_ins_of(user):
        if one.began_ms == began_ms and one.key != user.sign_in_key:
            services.end_sign_in(user, one.key)
            flash(_("That browser is signed out."))
    return redirect(url_for("account.sign_ins"))


@bp.delete("/sign-ins")
@allows(Who.SIGNED_IN)
def end_others() -> ResponseReturnValue:
    """Sign out every other browser."""
    count = services.end_other_sign_ins(queries.me())
    flash(ngettext("%(num)d other browser is signed out.", "%(num)d other browsers are signed out.", count))
    return redirect(url_for("account.sign_ins"))


def _profile(form: AddressForm) -> str:
    user = queries.me()
    return render_template(
        "accounts/profile.html",
        form=form,
        user=user,
        unit=units.full_name(user.unit),
        by_mail=mail.is_configured(),
    )
