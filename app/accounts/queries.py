"""Reads accounts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import cast

from flask_login import current_user
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import SignIn, User
from app.extensions import db
from app.kernel import networks
from app.kernel.errors import SignInFirst


def viewer() -> User | None:
    """Return the signed-in person of this request, or None."""
    if not current_user.is_authenticated:
        return None
    return cast(User, current_user._get_current_object())  # noqa: SLF001 - the person and not her proxy


def me() -> User:
    """Return the signed-in person of this request.

    Raises:
        SignInFirst: nobody is signed in.
    """
    user = viewer()
    if user is None:
        raise SignInFirst
    return user


def asker() -> str:
    """Return whose requests limits count as this one: those of the person, or of a visitor's block of addresses."""
    user = viewer()
    return f"person:{user.id}" if user else networks.block()


def user_by_sign_in(key: str) -> User | None:
    """Return the person of a cookie. `None` means that the sign-in has ended, or the account is closed."""
    sign_in = db.session.get(SignIn, key, options=[joinedload(SignIn.user).joinedload(User.unit)])
    if sign_in is None or sign_in.user.closed_ms is not None:
        return None
    sign_in.user.sign_in_key = sign_in.key
    return sign_in.user


def is_stale(key: str, before_ms: int) -> bool:
    """Return whether a sign-in was last seen before a moment (epoch ms)."""
    sign_in = db.session.get(SignIn, key)
    return sign_in is not None and sign_in.seen_ms < before_ms


def user_by_name(username: str) -> User | None:
    """Return a person by user name, in any case."""
    return db.session.scalar(select(User).where(User.username == username.strip().lower()))


def user_by_email(email: str) -> User | None:
    """Return a person by e-mail address."""
    return db.session.scalar(select(User).where(User.email == email.strip().lower()))


def user_by_name_or_email(who: str) -> User | None:
    """Return a person by user name or e-mail address."""
    return user_by_name(who) or user_by_email(who)


def sign_ins_of(user: User) -> Sequence[SignIn]:
    """Return the browsers in which a person is signed in, last used first."""
    return db.session.scalars(
        select(SignIn).where(SignIn.user_id == user.id).order_by(SignIn.seen_ms.desc(), SignIn.began_ms.desc())
    ).all()


def real_name(user_id: int) -> str:
    """Return the real name of a person who exists."""
    return db.session.execute(select(User.real_name).where(User.id == user_id)).scalar_one()


def people(ids: Collection[int]) -> Sequence[User]:
    """Return several people by their ids, each with the unit. Unknown ids are left out."""
    return db.session.scalars(select(User).where(User.id.in_(ids)).options(joinedload(User.unit))).all()


def matches(q: str) -> ColumnElement[bool]:
    """Return the condition for people who match a typed search."""
    beginning = q.lower()
    return or_(
        User.real_name.contains(q, autoescape=True),
        User.username.startswith(beginning, autoescape=True),
        func.lower(User.staff_number).startswith(beginning, autoescape=True),
        User.email.startswith(beginning, autoescape=True),
    )
