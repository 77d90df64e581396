"""访客: whoever opens the signed link of a lesson's QR code watches at once, without an account and without 学时.

The link carries the lesson and the number of its guest link; the number rises when the link is reissued, and older
links are dead. What a visitor was admitted to is kept in her own signed cookie.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from flask import current_app, session, url_for
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer

from app.extensions import db
from app.kernel.ids import new_id
from app.kernel.text import one_line
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.errors import GuestLinkDead
from app.live.lifecycle import Cancelled, LiveState
from app.live.models import LiveSession

COOKIE_KEY = "guest"
MOST_LESSONS = 20
"""A cookie remembers so many; the oldest go first."""

LONGEST_NAME = 30


@dataclass(frozen=True)
class Guest:
    """A visitor who was let in without an account."""

    id: str
    name: str


def link_of(live: LiveSession) -> str:
    """Give the address that lets whoever opens it watch; it may be written on a wall."""
    return url_for("joining.enter_by_link", token=_links().dumps([live.id, live.guest_link_no]), _external=True)


def admit_by_link(link: str) -> LiveSession:
    """Let the visitor of this request in by a guest link.

    Raises:
        GuestLinkDead: it was reissued, switched off or tampered with, or the lesson is gone.
        Cancelled: the lesson is called off; it says why.
    """
    try:
        live_id, number = _links().loads(link)
        live = db.session.get(LiveSession, str(live_id))
    except (BadSignature, ValueError, TypeError):
        raise GuestLinkDead from None
    if live is None or live.draft or live.deleted_ms is not None or not live.guests or live.guest_link_no != number:
        raise GuestLinkDead
    if live.state is LiveState.CANCELLED:
        raise Cancelled(mend=live.cancel_reason)
    _remember(live, f"link {number}")
    return live


def is_admitted(live: LiveSession) -> bool:
    """Say whether the visitor of this request was let in and still may be."""
    mark = _cookie().get("lives", {}).get(live.id)
    if mark is None or live.draft or live.state is LiveState.CANCELLED:
        return False
    return live.guests and mark in {f"link {no}" for no in range(live.guest_link_since, live.guest_link_no + 1)}


def was_admitted(live: LiveSession) -> bool:
    """Say whether the visitor of this request was let in at some time."""
    return live.id in _cookie().get("lives", {})


def guest() -> Guest:
    """Give who the visitor of this request is as a guest."""
    cookie = _cookie()
    return Guest(cookie.get("id", ""), cookie.get("name") or _("Guest %(number)s", number=cookie.get("number", "")))


def introduce() -> None:
    """Have the visitor of this request be somebody, so that she can be told from others."""
    if not _cookie().get("id"):
        session[COOKIE_KEY] = _known()


def rename(typed: str) -> None:
    """Let a guest choose her name; an empty one brings the given one back."""
    session[COOKIE_KEY] = {**_known(), "name": (one_line(typed) or "")[:LONGEST_NAME]}


def reissue(live: LiveSession) -> None:
    """Make a new guest link; the older ones, and the visitors whom they let in, are out."""
    with unit_of_work():
        renew(live)
        live.guest_link_since = live.guest_link_no


def renew(live: LiveSession) -> None:
    """Make a new guest link; the older ones let nobody in any more, and the visitors whom they let in may stay."""
    with unit_of_work():
        lock(live)
        live.guest_link_no += 1


def switch(live: LiveSession, on: bool) -> None:
    """Let guests in, or none any more; the link stays the same."""
    with unit_of_work():
        lock(live)
        live.guests = on


def _remember(live: LiveSession, mark: str) -> None:
    known = _known()
    lives = {one: its for one, its in known.get("lives", {}).items() if one != live.id} | {live.id: mark}
    session[COOKIE_KEY] = {**known, "lives": dict(list(lives.items())[-MOST_LESSONS:])}
    session.permanent = True


def _known() -> dict[str, Any]:
    """Give what the cookie holds, of a visitor who is new with who she is from now on."""
    known = _cookie()
    return known if known.get("id") else {**known, "id": new_id(), "number": f"{secrets.randbelow(10_000):04}"}


def _cookie() -> dict[str, Any]:
    found = session.get(COOKIE_KEY)
    return found if isinstance(found, dict) else {}


def _links() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="guest-link")
