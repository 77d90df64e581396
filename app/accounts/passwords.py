"""Passwords: their change, and the mailed links that set one."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from enum import StrEnum

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import delete

from app.accounts import events, hashing, queries, strength, throttle
from app.accounts.errors import LinkDead, WrongPassword
from app.accounts.models import SignIn, User
from app.audit import services as audit
from app.audit.models import Action
from app.extensions import db
from app.kernel import web
from app.kernel.queue import Job
from app.kernel.unit_of_work import lock, unit_of_work
from app.mail import services as mail

log = logging.getLogger(__name__)

RESET_HOURS = 24
INVITATION_DAYS = 7
HOUR_MS = 3_600_000
MOST_MAILS_AN_HOUR = 5
"""Maximum mails to one person, because any stranger can ask for them."""


class Purpose(StrEnum):
    """Purpose of a link that sets a password."""

    RESET = "reset"
    INVITATION = "invitation"


AGES_S = {Purpose.RESET: RESET_HOURS * 3600, Purpose.INVITATION: INVITATION_DAYS * 86_400}


def change(user: User, *, old: str, new: str) -> None:
    """Change a person's own password. All her other sign-ins end.

    Raises:
        WrongPassword: the old one is wrong.
        TooManyTries: there were too many wrong ones before.
        WeakPassword: guessers would try the new one early.
    """
    attempt = throttle.attempt_of(user)
    throttle.admit(attempt)
    if not hashing.matches(user.password_hash, old):
        raise WrongPassword
    throttle.forgive(attempt)
    strength.judge(new, strength.words_about(user))
    _set(user, new, keep=user.sign_in_key)


def set_by_link(token: str, new: str) -> User:
    """Set a password by a mailed link, which is dead afterwards. All sign-ins end.

    Raises:
        LinkDead: the link was used, is too old or forged.
        WeakPassword: guessers would try the password early.
    """
    user = user_of(token)
    strength.judge(new, strength.words_about(user))
    with unit_of_work():
        lock(user)
        user_of(token)  # of two who use the link at the same instant, one is too late
        _set(user, new)
    return user


def user_of(token: str) -> User:
    """Return the person whose password a link sets.

    Raises:
        LinkDead: the link was used, is too old or forged.
    """
    for purpose, age_s in AGES_S.items():
        try:
            user_id, mark, by_id = _links(purpose).loads(token, max_age=age_s)
        except (BadSignature, ValueError, TypeError):
            continue
        user = db.session.get(User, user_id)
        if user is not None and user.closed_ms is None and mark == _mark(user):
            if by_id is not None and by_id != user.id:
                events.link_opened.send(user, by=db.session.get(User, by_id))
            return user
    raise LinkDead


def password_link(
    user: User, purpose: Purpose = Purpose.INVITATION, *, by_id: int | None = None, beneath: str = ""
) -> str:
    """Return an address at which a person sets her password, once.

    Args:
        user: the person.
        purpose: decides for how long the link works.
        by_id: the maker of the link, see `events.link_opened`.
        beneath: the site's address, if it is known.
    """
    token = _links(purpose).dumps([user.id, _mark(user), by_id])
    return web.absolute("passwords.choose", beneath=beneath, token=token)


def ask_for_link(who: str) -> None:
    """Queue a mail with a link to the person of a user name or e-mail address, if there is one.

    The jobs process looks her up, so the duration of this call does not tell whether she exists.
    """
    reset_mail.later(who, web.language(), web.root())


def _mail_reset(who: str, locale: str, beneath: str) -> None:
    user = queries.user_by_name_or_email(who)
    if user is None or user.email is None or user.closed_ms is not None:
        return
    if mail.sent_lately(user.email, HOUR_MS) >= MOST_MAILS_AN_HOUR:
        log.warning("user %d gets no further mail: somebody asks for links again and again", user.id)
        return
    link = password_link(user, Purpose.RESET, by_id=user.email_by_id, beneath=beneath)
    mail.send(user.email, "password", locale=locale, name=user.real_name, username=user.username, link=link)


reset_mail = Job(_mail_reset)


def invite(users: Sequence[User], *, by_id: int) -> int:
    """Mail invitations to people with an address and an open account. Return their number."""
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
            link=password_link(user, by_id=by_id),
        )
        for user in invited
    ]
    with unit_of_work():
        mail.send_all(mails)
        if len(invited) == 1:
            (only,) = invited
            audit.record(Action.LINK_MADE, by_id=by_id, unit_id=only.unit_id, what=only.label)
    return len(invited)


def _set(user: User, new: str, *, keep: str = "") -> None:
    with unit_of_work():
        user.password_hash = hashing.hash_of(new)
        db.session.execute(delete(SignIn).where(SignIn.user_id == user.id, SignIn.key != keep))
        audit.record(Action.PASSWORD_CHANGED, by_id=user.id, unit_id=user.unit_id, what=user.label)
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
    """Return a mark that changes with the password, so that a link dies when it is used.

    It changes with the e-mail address too: a link to a wrong address dies when the address is corrected.
    """
    return hashlib.sha256(f"{user.password_hash} {user.created_ms} {user.email}".encode()).hexdigest()[:24]


def _links(purpose: Purpose) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt=f"password-{purpose}")
