"""访客: a visitor who opens the signed link of a lesson's QR code watches at once, without an account and without 学时.

The link carries the lesson and the number of its guest link; the number rises when the link is reissued, and older
links are dead. What a visitor was admitted to is kept in her own signed cookie.

A visitor who throws her cookie away is another guest. So new guests watch at once, and take part (write, vote, raise a
hand) at a pace: for each block of addresses, and there for each kind of browser. 500 guests with their own telephones
behind one address all take part within five minutes; one machine that makes itself anew does so five times, then every
three seconds, and 30 times where it lies about its browser.
"""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass
from typing import Any

from flask import current_app, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from itsdangerous import BadSignature, URLSafeSerializer

from app.extensions import db, limiter
from app.kernel import clock, networks
from app.kernel.errors import Conflict
from app.kernel.ids import new_id
from app.kernel.paces import Pace
from app.kernel.text import one_line
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.errors import GuestLinkDead
from app.live.lifecycle import Cancelled, LiveState
from app.live.models import LiveSession

COOKIE_KEY = "guest"
MOST_LESSONS = 20
"""A cookie remembers so many; the oldest go first."""

LONGEST_NAME = 30

OF_A_BLOCK = Pace(at_once=30, every_s=0.5)
OF_A_BROWSER = Pace(at_once=5, every_s=3)
"""New guests of one block of addresses with the same User-Agent. Of 500 telephones in one hall about 100 share one."""

TITLES = (
    "老师",
    "教师",
    "教授",
    "讲师",
    "助教",
    "主讲",
    "主持人",
    "博士",
    "研究员",
    "teacher",
    "professor",
    "prof",
    "dr",
)
"""Words beside a name that make no other name of it."""


@dataclass(frozen=True)
class Guest:
    """A visitor who was let in without an account."""

    id: str
    name: str
    takes_part_ms: int = 0
    """From then on (epoch ms) she may write, vote and raise a hand."""


class NameOfPresenter(Conflict):
    """A guest has chosen the name of a teacher or an assistant."""

    code = "guest.name_of_presenter"
    message = _l("Somebody who teaches or assists here has this name.")
    mend = _l("Choose another one. If it is yours, sign in.")


def link_of(live: LiveSession) -> str:
    """Return the address that lets its readers watch. It may be written on a wall."""
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
    """Return whether the visitor of this request was let in and still may be."""
    mark = _cookie().get("lives", {}).get(live.id)
    if mark is None or live.draft or live.state is LiveState.CANCELLED:
        return False
    return live.guests and mark in {f"link {no}" for no in range(live.guest_link_since, live.guest_link_no + 1)}


def was_admitted(live: LiveSession) -> bool:
    """Return whether the visitor of this request was let in at some time."""
    return live.id in _cookie().get("lives", {})


def guest(live: LiveSession) -> Guest:
    """Return who the visitor of this request is as a guest of a lesson.

    A name that she chose elsewhere and that belongs to a presenter here is not hers.
    """
    cookie = _cookie()
    chosen = cookie.get("name") or ""
    name = (
        chosen
        if chosen and not _is_presenters(chosen, live)
        else _("Guest %(number)s", number=cookie.get("number", ""))
    )
    return Guest(cookie.get("id", ""), name, int(cookie.get("from", 0)))


def introduce() -> None:
    """Create an identity for the visitor of this request, so that she can be told from others."""
    if not _cookie().get("id"):
        session[COOKIE_KEY] = _known()


def rename(live: LiveSession, typed: str) -> None:
    """Store the name that a guest has chosen. An empty name brings the given one back.

    Raises:
        NameOfPresenter: a teacher or an assistant of the lesson has this name.
    """
    name = (one_line(typed) or "")[:LONGEST_NAME]
    if _is_presenters(name, live):
        raise NameOfPresenter
    session[COOKIE_KEY] = {**_known(), "name": name}


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
    """Open or close the lesson to guests. The link stays the same."""
    with unit_of_work():
        lock(live)
        live.guests = on


def _remember(live: LiveSession, mark: str) -> None:
    known = _known()
    lives = {one: its for one, its in known.get("lives", {}).items() if one != live.id} | {live.id: mark}
    session[COOKIE_KEY] = {**known, "lives": dict(list(lives.items())[-MOST_LESSONS:])}
    session.permanent = True


def _known() -> dict[str, Any]:
    """Return the content of the cookie. A new visitor gets an identity."""
    known = _cookie()
    if known.get("id"):
        return known
    wait_s = 0.0
    if limiter.enabled:
        block = networks.block()
        wait_s = max(OF_A_BLOCK.book(block), OF_A_BROWSER.book((block, request.user_agent.string)))
    number = f"{secrets.randbelow(10_000):04}"
    return {**known, "id": new_id(), "number": number, "from": clock.now_ms() + int(wait_s * 1000)}


def _is_presenters(name: str, live: LiveSession) -> bool:
    wanted = _bare(name)
    return bool(wanted) and wanted in {
        _bare(user.real_name) for user in (live.owner, *(p.user for p in live.presenters))
    }


def _bare(name: str) -> str:
    """Return what is left of a name without titles, blanks and signs, however its letters are written (NFKC)."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    letters = "".join(one for one in folded if unicodedata.category(one)[0] in "LN")
    for title in TITLES:
        letters = letters.removeprefix(title).removesuffix(title)
    return letters


def _cookie() -> dict[str, Any]:
    found = session.get(COOKIE_KEY)
    return found if isinstance(found, dict) else {}


def _links() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="guest-link")
