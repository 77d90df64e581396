"""What happens to accounts."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.exc import IntegrityError

from app.accounts import queries
from app.accounts.errors import LinkSpent, UsernameTaken, WrongPassword
from app.accounts.models import User
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work

FIRST_ADMIN_LINK_HOURS = 24

hasher = PasswordHasher()

NOBODYS_HASH = hasher.hash("nobody")
"""Checked when there is no such user, so that the answer takes as long as for one who exists."""


def create_user(*, username: str, real_name: str, password: str, is_admin: bool = False) -> User:
    """Make an account.

    Raises:
        UsernameTaken: somebody has the name.
    """
    user = User(username=username, real_name=real_name, password_hash=hasher.hash(password), is_admin=is_admin)
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
        WrongPassword: they do not match.
    """
    user = queries.user_by_name(username)
    try:
        hasher.verify(user.password_hash if user else NOBODYS_HASH, password)
    except (VerifyMismatchError, InvalidHashError):
        raise WrongPassword from None
    if user is None:
        raise WrongPassword
    return user


def first_admin_token() -> str:
    """Make the token of the link with which the first visitor becomes administrator."""
    return _links().dumps("first-admin")


def create_first_admin(token: str, *, username: str, real_name: str, password: str) -> User:
    """Make the first administrator.

    Raises:
        LinkSpent: the token is wrong or old, or there is an administrator already.
    """
    check_first_admin_token(token)
    with unit_of_work():
        if queries.any_admin():
            raise LinkSpent
        return create_user(username=username, real_name=real_name, password=password, is_admin=True)


def check_first_admin_token(token: str) -> None:
    """Say whether the link still works.

    Raises:
        LinkSpent: it does not.
    """
    try:
        _links().loads(token, max_age=FIRST_ADMIN_LINK_HOURS * 3600)
    except BadSignature:
        raise LinkSpent from None
    if queries.any_admin():
        raise LinkSpent


def _links() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="first-admin")
