"""The first administrator, made by a one-time link that the server's own terminal prints."""

from __future__ import annotations

import click
from flask import Blueprint, current_app, redirect, render_template, url_for
from flask.cli import with_appcontext
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer

from app.accounts import services as accounts
from app.accounts import strength
from app.accounts.errors import UsernameTaken, WeakPassword
from app.accounts.models import User
from app.extensions import limiter
from app.kernel.access import Who, allows
from app.kernel.forms import refuse
from app.kernel.unit_of_work import lock, unit_of_work
from app.roles import grants, queries
from app.roles.errors import LinkSpent
from app.roles.forms import FirstAdminForm
from app.roles.models import BuiltIn
from app.units import queries as units

LINK_HOURS = 24

bp = Blueprint("first_admin", __name__)


@bp.get("/first-admin/<token>")
@allows(Who.ANYONE)
def show(token: str) -> ResponseReturnValue:
    """Show the form of the one-time link."""
    check(token)
    return render_template("roles/first_admin.html", form=FirstAdminForm())


@bp.post("/first-admin/<token>")
@limiter.limit("10 per minute")
@allows(Who.ANYONE)
def create(token: str) -> ResponseReturnValue:
    """Make the first administrator and sign her in."""
    form = FirstAdminForm()
    if not form.validate_on_submit():
        return render_template("roles/first_admin.html", form=form), 422
    try:
        user = appoint(
            token,
            username=form.username.data or "",
            real_name=form.real_name.data or "",
            password=form.password.data or "",
        )
    except (WeakPassword, UsernameTaken) as error:
        refuse(form.password if isinstance(error, WeakPassword) else form.username, error)
        return render_template("roles/first_admin.html", form=form), error.status
    accounts.sign_in(user, remember=False)
    return redirect(url_for("home.index"))


@click.command("first-admin")
@with_appcontext
def print_link() -> None:
    """Print the one-time link with which the first visitor becomes administrator."""
    if queries.administrators():
        click.echo("There is an administrator already.")
        return
    port = current_app.config["PORT"]
    click.echo(f"http://localhost:{port}/first-admin/{token()}")


def token() -> str:
    """Return a token for the link."""
    return _links().dumps("first-admin")


def appoint(token: str, *, username: str, real_name: str, password: str) -> User:
    """Return the first administrator, newly made.

    Raises:
        LinkSpent: the token is wrong or old, or there is an administrator already.
        UsernameTaken: another person has the name.
        WeakPassword: guessers would find the password early.
    """
    strength.judge(password, (username, real_name))
    with unit_of_work():
        academy = units.academy()
        lock(academy)  # of two who use the link at the same instant, one waits and is too late
        check(token)
        user = accounts.create_user(username=username, real_name=real_name, unit=academy, password=password)
        grants.appoint(user, BuiltIn.ADMINISTRATOR, academy)
    return user


def check(token: str) -> None:
    """Check that the link still works.

    Raises:
        LinkSpent: it does not.
    """
    try:
        _links().loads(token, max_age=LINK_HOURS * 3600)
    except BadSignature:
        raise LinkSpent from None
    if queries.administrators():
        raise LinkSpent


def _links() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="first-admin")
