"""A person's wishes for mails, set on her page or with one press from a mail."""

from __future__ import annotations

import secrets

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from app.accounts.models import User
from app.extensions import db
from app.kernel import clock, web
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.marks import services as marks
from app.notices import weekly
from app.notices.errors import LinkDead
from app.notices.models import CalendarFeed, Wishes

INVITATIONS, REMINDERS, ANSWERS, WEEKLY = "invitations", "reminders", "answers", "weekly"
KINDS = (INVITATIONS, REMINDERS, ANSWERS, WEEKLY)


def wants(user: User, kind: str) -> bool:
    """Return whether a person wants mails of a kind."""
    known = db.session.get(Wishes, user.id)
    if kind == WEEKLY and (known is None or known.weekly is None):
        return weekly.of_unit(user.unit) is not None
    return known is None or bool(getattr(known, kind))


def set_wish(user: User, kind: str, on: bool) -> None:
    """Store whether a person wants mails of a kind, one of KINDS. Reminders that she asked for end with all others."""
    with unit_of_work():
        lock(user)
        known = db.session.get(Wishes, user.id)
        if known is None:
            known = Wishes(user_id=user.id, invitations=True, reminders=True, answers=True)
            db.session.add(known)
        setattr(known, kind, on)
        if kind == WEEKLY and on:
            known.language, known.site = web.language(), web.root()[:200]
        if kind == REMINDERS and not on:
            marks.let_go_all(user)


def unsubscribe_url(user: User, kind: str, *, site: str = "") -> str:
    """Return the address at which a person ends mails of a kind without signing in."""
    return web.absolute("notices.unsubscribe", token=_links().dumps([user.id, kind]), beneath=site)


def named_by(token: str) -> tuple[User, str]:
    """Return the person and the kind of mails that a link would end.

    Raises:
        LinkDead: the link is forged, or the account is closed.
    """
    try:
        user_id, kind = _links().loads(token)
    except (BadSignature, ValueError, TypeError):
        raise LinkDead from None
    user = db.session.get(User, user_id)
    if user is None or user.closed_ms is not None or kind not in KINDS:
        raise LinkDead
    return user, kind


def renew_feed(user: User) -> CalendarFeed:
    """Return a new calendar address for a person. Her old one stops working."""
    with unit_of_work():
        lock(user)
        feed = db.session.get(CalendarFeed, user.id)
        if feed is None:
            feed = CalendarFeed(user_id=user.id)
            db.session.add(feed)
        feed.key, feed.language, feed.created_ms = secrets.token_urlsafe(32), web.language(), clock.now_ms()
    return feed


def _links() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="unsubscribe")
