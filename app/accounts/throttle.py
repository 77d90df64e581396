"""Slows down guessing of passwords, in a way that nobody can use to lock another person out.

A browser in which a person has signed in before holds a device cookie, and its mistakes are counted for it alone. All
other browsers are counted together for each user name, and more strictly for each address. So a guesser uses up the
patience with strangers, never that with the person's own devices. A person at a new device meanwhile takes the way by
mail. (OWASP: Slow Down Online Guessing Attacks with Device Cookies.)

Tokens of lessons are counted here too, for each person and for each block of addresses.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from flask import Response, current_app, has_request_context, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import ColumnElement, and_, delete, func, select

from app.accounts.errors import TooManyTokens, TooManyTries
from app.accounts.models import FailedSignIn, User
from app.extensions import db
from app.kernel import clock, networks
from app.kernel.unit_of_work import unit_of_work

COOKIE = "device"
COOKIE_DAYS = 365
MOST_PEOPLE = 5
"""Maximum number of people who share a device and are known on it."""

TRIED = "token "
"""Prefix of the device of an attempt with a token of a lesson. No real device has a blank in its name."""

QUARTER_MS, HOUR_MS, DAY_MS = 15 * 60_000, 60 * 60_000, 24 * 60 * 60_000


@dataclass(frozen=True)
class Attempt:
    """An attempt to sign in with a user name and a password, or to use a token."""

    name_digest: str
    """Digest of the typed name: a stranger chooses its length, and it may be nobody's."""
    address: str
    """The sender's block of addresses."""
    device: str
    """The device's name towards this person, empty if she has never signed in there. For a token, the digest of it."""

    @property
    def is_token(self) -> bool:
        """Whether a token was tried, and not a password."""
        return self.device.startswith(TRIED)


def attempt(username: str, user_id: int | None) -> Attempt:
    """Return the attempt of this request. `user_id` is the owner of the name, if there is one."""
    device = _known_people().get(str(user_id), "") if user_id is not None else ""
    return Attempt(_digest(username.strip().lower()), networks.block(), device)


def attempt_of(user: User) -> Attempt:
    """Return the attempt of a signed-in person. It counts for this sign-in alone."""
    return Attempt(_digest(user.username), networks.block(), _digest(user.sign_in_key)[:43])


def attempt_of_token(key: str, user: User) -> Attempt:
    """Return a person's attempt with a token. The same token within a day is the same attempt."""
    return Attempt(_digest(f"{TRIED}{user.id}"), networks.block(), f"{TRIED}{_digest(key)[:32]}")


def admit(attempt: Attempt) -> None:
    """Count an attempt as failed before its password is checked, so that of many at once none is overlooked.

    Raises:
        TooManyTries: the attempt has to wait. It is not counted, so trying on does not make the wait longer.
    """
    if not current_app.config["RATE_LIMITS"] or (attempt.is_token and _was_tried(attempt)):
        return
    _must_not_wait(attempt, 0)
    with unit_of_work():
        mine = FailedSignIn(name_digest=attempt.name_digest, address=attempt.address, device=attempt.device)
        db.session.add(mine)
        db.session.flush()
        mine_id = mine.id
    try:
        _must_not_wait(attempt, mine_id)
    except TooManyTries:
        with unit_of_work():
            db.session.execute(delete(FailedSignIn).where(FailedSignIn.id == mine_id))
        raise


def forgive(attempt: Attempt) -> None:
    """Forget the mistakes of this device, or this stranger's address, with this name, now that the word was right."""
    same = (
        FailedSignIn.device == attempt.device
        if attempt.device
        else and_(FailedSignIn.device == "", FailedSignIn.address == attempt.address)
    )
    with unit_of_work():
        db.session.execute(delete(FailedSignIn).where(FailedSignIn.name_digest == attempt.name_digest, same))


def known_here() -> frozenset[int]:
    """Return the ids of people who have signed in with the browser of this request before."""
    return frozenset(int(one) for one in _known_people() if one.isdecimal()) if has_request_context() else frozenset()


def forget_old() -> None:
    """Remove attempts that no rule counts any more. The clockwork calls it."""
    with unit_of_work():
        db.session.execute(delete(FailedSignIn).where(FailedSignIn.at_ms < clock.now_ms() - DAY_MS))


def know_device(reply: Response, user_id: int) -> None:
    """Make this browser known as one of the person's."""
    people = {str(user_id): secrets.token_urlsafe(16), **_known_people()}
    people = dict(list(people.items())[:MOST_PEOPLE])
    reply.set_cookie(
        COOKIE,
        _signer().dumps(people),
        max_age=COOKIE_DAYS * 86_400,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def _must_not_wait(attempt: Attempt, mine_id: int) -> None:
    others, name = FailedSignIn.id != mine_id, FailedSignIn.name_digest == attempt.name_digest
    stranger, here = FailedSignIn.device == "", FailedSignIn.address == attempt.address
    if attempt.is_token:
        is_token = FailedSignIn.device.startswith(TRIED)
        wait_s = max(
            _wait_s(and_(others, name), 30, QUARTER_MS),
            _wait_s(and_(others, name), 120, DAY_MS),
            _wait_s(and_(others, is_token, here), 300, QUARTER_MS),
        )
        if wait_s:
            raise TooManyTokens(wait_s)
        return
    if attempt.device:
        wait_s = _wait_s(and_(others, name, FailedSignIn.device == attempt.device), 10, QUARTER_MS)
    else:
        wait_s = max(
            _wait_s(and_(others, name, stranger, here), 10, QUARTER_MS),
            _wait_s(and_(others, name, stranger), 50, HOUR_MS),
            _wait_s(and_(others, stranger, here), 300, QUARTER_MS),
        )
    if wait_s:
        raise TooManyTries(wait_s)


def _was_tried(attempt: Attempt) -> bool:
    """Return whether this token was counted for this person. A form with three of them checks each several times."""
    same = and_(FailedSignIn.name_digest == attempt.name_digest, FailedSignIn.device == attempt.device)
    lately = FailedSignIn.at_ms > clock.now_ms() - DAY_MS
    return db.session.scalar(select(FailedSignIn.id).where(same, lately).limit(1)) is not None


def _wait_s(which: ColumnElement[bool], most: int, within_ms: int) -> int:
    """Return the seconds until the oldest of the newest `most` failures is `within_ms` old."""
    now = clock.now_ms()
    newest = (
        select(FailedSignIn.at_ms)
        .where(which, FailedSignIn.at_ms > now - within_ms)
        .order_by(FailedSignIn.at_ms.desc())
        .limit(most)
        .subquery()
    )
    count, oldest = db.session.execute(select(func.count(), func.min(newest.c.at_ms))).one()
    return -(-(oldest + within_ms - now) // 1000) if count >= most else 0


def _known_people() -> dict[str, str]:
    try:
        people = _signer().loads(request.cookies.get(COOKIE, ""), max_age=COOKIE_DAYS * 86_400)
    except BadSignature:
        return {}
    return people if isinstance(people, dict) else {}


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="device")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
