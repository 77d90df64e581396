"""A person's own e-mail address. A new one counts once the link that was mailed to it is opened."""

from __future__ import annotations

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

from app.accounts import queries
from app.accounts.errors import AddressLinkDead, EmailTaken
from app.accounts.models import User
from app.accounts.services import flush_unique, tell_old_address
from app.audit import services as audit
from app.audit.models import Action
from app.extensions import db
from app.kernel import web
from app.kernel.unit_of_work import lock, unit_of_work
from app.mail import services as mail

LINK_S = 24 * 3600


def ask_for(user: User, email: str) -> None:
    """Mail a link to a new e-mail address. The address counts once the link is opened.

    Raises:
        EmailTaken: another account has the address.
    """
    email = email.strip().lower()
    other = queries.user_by_email(email)
    if other is not None and other.id != user.id:
        raise EmailTaken
    link = web.absolute("account.confirm_address", token=_links().dumps([user.id, user.email, email]))
    mail.send(
        email, "address", locale=web.language(), name=user.real_name, username=user.username, email=email, link=link
    )


def named_by(token: str) -> tuple[User, str]:
    """Return the person and the new e-mail address that a link confirms.

    Raises:
        AddressLinkDead: the link was used, is too old or forged.
    """
    try:
        user_id, before, email = _links().loads(token, max_age=LINK_S)
    except (BadSignature, ValueError, TypeError):
        raise AddressLinkDead from None
    user = db.session.get(User, user_id)
    if user is None or user.closed_ms is not None or user.email != before:
        raise AddressLinkDead
    return user, email


def confirm(token: str) -> User:
    """Take the e-mail address to which a link was mailed, and tell the old one.

    Raises:
        AddressLinkDead: the link was used, is too old or forged.
        EmailTaken: another account has the address by now.
    """
    user, _email = named_by(token)
    with unit_of_work():
        lock(user)
        user, email = named_by(token)  # of two who use the link at the same instant, one is too late
        before, user.email, user.email_by_id = user.email, email, None
        flush_unique()
        audit.record(
            Action.PERSON_CHANGED,
            by_id=user.id,
            unit_id=user.unit_id,
            what=user.label,
            before=before or "–",
            after=email,
        )
        if before:
            tell_old_address(before, user.real_name, user.username, email)
    return user


def _links() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="address")
