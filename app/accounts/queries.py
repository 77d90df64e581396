"""Reading accounts."""

from __future__ import annotations

from sqlalchemy import select

from app.accounts.models import User
from app.extensions import db


def user_by_session(cookie_id: str) -> User | None:
    """Find the person of a session cookie; none when it is from an old epoch."""
    number, _dot, epoch = cookie_id.partition(".")
    if not (number.isdecimal() and epoch.isdecimal()):
        return None
    user = db.session.get(User, int(number))
    return user if user is not None and user.session_epoch == int(epoch) else None


def user_by_name(username: str) -> User | None:
    """Find a person by user name."""
    return db.session.scalar(select(User).where(User.username == username))


def real_name(user_id: int) -> str:
    """Give the real name of a person who exists."""
    return db.session.execute(select(User.real_name).where(User.id == user_id)).scalar_one()


def any_admin() -> bool:
    """Say whether there is an administrator yet."""
    return db.session.scalar(select(User.id).where(User.is_admin).limit(1)) is not None
