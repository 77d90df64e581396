"""What happens to accounts."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from flask import request, session
from flask_login import login_user, logout_user
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from app.accounts import events, queries
from app.accounts.errors import UsernameTaken, WrongPassword
from app.accounts.models import SignIn, User
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.units.models import Unit

hasher = PasswordHasher()

NOBODYS_HASH = hasher.hash("nobody")
"""Checked when there is no such user or no password, so that the answer takes as long as for one who exists."""


def create_user(
    *,
    username: str,
    real_name: str,
    unit: Unit,
    password: str | None = None,
    email: str | None = None,
    staff_number: str | None = None,
) -> User:
    """Make an account; without a password its owner sets one by a mailed link.

    Raises:
        UsernameTaken: somebody has the name.
    """
    user = User(
        username=username.strip().lower(),
        real_name=real_name,
        unit=unit,
        password_hash=hasher.hash(password) if password is not None else None,
        email=email.lower() if email else None,
        staff_number=staff_number or None,
    )
    try:
        with unit_of_work():
            db.session.add(user)
            db.session.flush()  # within an outer unit of work the commit comes too late to be caught here
    except IntegrityError:
        raise UsernameTaken from None
    return user


def check_password(username: str, password: str) -> User:
    """Give the person to whom user name and password belong.

    Raises:
        WrongPassword: they do not match, or the account is closed.
    """
    user = queries.user_by_name(username)
    known = user.password_hash if user is not None and user.closed_ms is None else None
    try:
        hasher.verify(known or NOBODYS_HASH, password)
    except (VerifyMismatchError, InvalidHashError):
        raise WrongPassword from None
    if user is None or known is None:
        raise WrongPassword
    return user


def sign_in(user: User, *, remember: bool) -> None:
    """Begin a fresh session of this browser for a person who has shown who she is."""
    with unit_of_work():
        begun = SignIn(
            key=secrets.token_urlsafe(32),
            user_id=user.id,
            address=request.remote_addr or "",
            browser=request.user_agent.string[:200],
        )
        db.session.add(begun)
        events.signed_in.send(user)
        user.sign_in_key = begun.key
    renew_session()
    login_user(user, remember=remember)


def sign_out(user: User | None) -> None:
    """End this browser's session."""
    if user is not None:
        with unit_of_work():
            db.session.execute(delete(SignIn).where(SignIn.key == user.sign_in_key))
    logout_user()
    renew_session()


def renew_session() -> None:
    """Empty the session but for the language: nothing that a visitor was given survives into an account."""
    language = session.get("language")
    remember = session.get("_remember")  # Flask-Login's order to delete its cookie
    session.clear()
    session.update({key: value for key, value in (("language", language), ("_remember", remember)) if value})
