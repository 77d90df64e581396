"""Passwords: which are good enough, how they change, and the mailed links with which one is set."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from enum import StrEnum

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import delete
from zxcvbn import zxcvbn

from app.accounts import hashing
from app.accounts.errors import LinkDead, WeakPassword, WrongPassword
from app.accounts.models import SignIn, User
from app.audit import services as audit
from app.audit.models import Action
from app.extensions import db
from app.kernel import mail, web
from app.kernel.unit_of_work import lock, unit_of_work

SHORTEST = 10
JUDGED = 72
"""Characters that are judged: more cost time and make no password worse."""
LEAST_SCORE = 2
"""zxcvbn: 2 withstands ten guesses a second for months (0 and 1 are among the first that are tried)."""

RESET_HOURS = 24
INVITATION_DAYS = 7


class Purpose(StrEnum):
    """Why somebody is sent a link that sets a password."""

    RESET = "reset"
    INVITATION = "invitation"


AGES_S = {Purpose.RESET: RESET_HOURS * 3600, Purpose.INVITATION: INVITATION_DAYS * 86_400}


def judge(password: str, about: Iterable[str | None]) -> None:
    """Refuse a password that guessers try early; `about` are words that lie near for this person.

    Raises:
        WeakPassword: so it is.
    """
    if len(password) < SHORTEST:
        raise WeakPassword
    words = [word for word in about if word]
    if zxcvbn(password[:JUDGED], user_inputs=words, max_length=JUDGED)["score"] < LEAST_SCORE:
        raise WeakPassword


def words_about(user: User) -> list[str]:
    """Give what a guesser would try first for this person."""
    return [one for one in (user.username, user.real_name, user.email, user.staff_number) if one]


def change(user: User, *, old: str, new: str) -> None:
    """Change one's own password; every other sign-in ends.

    Raises:
        WrongPassword: the old one is another.
        WeakPassword: the new one is among the first that are tried.
    """
    if user.password_hash is None or not hashing.matches(user.password_hash, old):
        raise WrongPassword
    judge(new, words_about(user))
    _set(user, new, keep=user.sign_in_key)


def set_by_link(token: str, new: str) -> User:
    """Set a password with a mailed link, which is dead afterwards; every sign-in ends.

    Raises:
        LinkDead: it was used, is too old or forged.
        WeakPassword: the password is among the first that are tried.
    """
    user = user_of(token)
    judge(new, words_about(user))
    with unit_of_work():
        lock(user)
        user_of(token)  # of two who use the link in the same instant, one comes too late
        _set(user, new)
    return user


def user_of(token: str) -> User:
    """Give whose password a link sets.

    Raises:
        LinkDead: it was used, is too old or forged.
    """
    for purpose, age_s in AGES_S.items():
        try:
            user_id, mark = _links(purpose).loads(token, max_age=age_s)
        except (BadSignature, ValueError, TypeError):
            continue
        user = db.session.get(User, user_id)
        if user is not None and user.closed_ms is None and mark == _mark(user):
            return user
    raise LinkDead


def password_link(user: User, purpose: Purpose = Purpose.INVITATION) -> str:
    """Make the address at which a person sets her password, once."""
    token = _links(purpose).dumps([user.id, _mark(user)])
    return web.absolute("passwords.choose", token=token)


def send_reset(user: User) -> None:
    """Mail a link to a person who has forgotten her password."""
    if user.email is None or user.closed_ms is not None:
        return
    link = password_link(user, Purpose.RESET)
    mail.send(user.email, "password", locale=web.language(), name=user.real_name, username=user.username, link=link)


def invite(users: Sequence[User], *, by_id: int) -> int:
    """Mail invitations to those who have an address and an open account; gives to how many."""
    invited = [user for user in users if user.email and user.closed_ms is None]
    locale = web.language()
    mails = [
        mail.compose(
            user.email or "",
            "invitation",
            locale=locale,
            name=user.real_name,
            username=user.username,
            days=INVITATION_DAYS,
            link=password_link(user),
        )
        for user in invited
    ]
    with unit_of_work():
        mail.send_all(mails)
        if len(invited) == 1:
            (only,) = invited
            audit.record(
                Action.LINK_MADE, by_id=by_id, unit_id=only.unit_id, what=f"{only.real_name} ({only.username})"
            )
    return len(invited)


def _set(user: User, new: str, *, keep: str = "") -> None:
    with unit_of_work():
        user.password_hash = hashing.hash_of(new)
        db.session.execute(delete(SignIn).where(SignIn.user_id == user.id, SignIn.key != keep))
        audit.record(
            Action.PASSWORD_CHANGED, by_id=user.id, unit_id=user.unit_id, what=f"{user.real_name} ({user.username})"
        )
        if user.email:
            link = web.absolute("passwords.forgotten")
            mail.send(
                user.email,
                "password_changed",
                locale=web.language(),
                name=user.real_name,
                username=user.username,
                link=link,
            )


def _mark(user: User) -> str:
    """Give what changes with the password, so that a link dies when it is used."""
    return hashlib.sha256(f"{user.password_hash} {user.created_ms}".encode()).hexdigest()[:24]


def _links(purpose: Purpose) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt=f"password-{purpose}")
