"""口令: words that give the person who enters them a part in a lesson. Two open tokens are never the same."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import select, update
from zxcvbn import zxcvbn

from app.accounts import throttle
from app.accounts.models import User
from app.extensions import db
from app.kernel import clock
from app.live.errors import TokenMalformed, TokenTaken, TokenWeak
from app.live.models import LiveSession, Part, Token

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Nothing that is misread on a slide or over the telephone: no 0 and O, no 1, I and L."""

GENERATED = 8
FORM = re.compile(r"[A-Za-z0-9]{6,15}")

LEAST_GUESSES = {Part.TEACHER: 1e7, Part.ASSISTANT: 1e7, Part.LEARNER: 1e3}
"""Guesses, as zxcvbn counts them, that a typed token withstands. `throttle` lets a person try 120 a day: 1e7 outlast
any lesson, while a learner's token is made to be called out in a hall, and is only kept from being 123456."""


def tidy(typed: str | None) -> str:
    """Return what was meant: full-width letters as plain ones (Unicode NFKC), no blanks around."""
    return unicodedata.normalize("NFKC", typed or "").strip()


def key_of(value: str) -> str:
    """Return what two tokens share that are the same to people: case does not matter, nobody says it aloud."""
    return value.lower()


def fresh(avoiding: Collection[str] = ()) -> str:
    """Make a token that no open session has, and that is none of `avoiding`."""
    taken = {key_of(one) for one in avoiding}
    while True:
        value = "".join(secrets.choice(ALPHABET) for _ in range(GENERATED))
        if key_of(value) not in taken and _is_strong(value, Part.TEACHER) and _holder(key_of(value)) is None:
            return value


def judge(part: Part, wanted: Mapping[Part, str], *, but: str | None = None, by: User | None = None) -> None:
    """Refuse one of the tokens that were typed for a lesson; an empty one is fine, it will be generated.

    Args:
        part: whose token is judged.
        wanted: what was typed for each part, tidied.
        but: id of the lesson that may have the token already.
        by: who has typed it, as the answer tells her which tokens exist; `None` where that was counted before.

    Raises:
        TokenMalformed: it has not 6 to 15 letters and digits.
        TokenWeak: others would guess it.
        TokenTaken: another part, or another open session, has the same.
        TooManyTokens: this person, or her block of addresses, has tried too many.
    """
    value = wanted[part]
    if not value:
        return
    if not FORM.fullmatch(value):
        raise TokenMalformed(part)
    for other, its_value in wanted.items():
        if other is not part and key_of(its_value) == key_of(value):
            raise TokenTaken(part, fresh(wanted.values()), other=other)
    holder = _holder(key_of(value))
    is_own = holder is not None and holder.live_id == but
    if is_own and holder is not None and holder.part is part:
        return
    if not _is_strong(value, part):
        raise TokenWeak(part)
    if by is not None and not is_own:
        throttle.admit(throttle.attempt_of_token(key_of(value), by))
    if holder is not None and not is_own:
        raise TokenTaken(part, fresh(wanted.values()))


def give(live: LiveSession, wanted: Mapping[Part, str]) -> None:
    """Set a lesson's tokens: those that were typed, and fresh ones where none was.

    Raises:
        TokenMalformed, TokenTaken: as `judge` says.
    """
    typed = {part: tidy(wanted.get(part)) for part in Part}
    with db.session.no_autoflush:
        for part in Part:
            judge(part, typed, but=live.id)
        held = {token.part: token for token in live.tokens}
        _let_go(token for part, token in held.items() if token.value != typed[part])
        for part in Part:
            value = typed[part] or fresh(typed.values())
            typed[part] = value
            token = held.get(part)
            if token is None:
                live.tokens.append(Token(part=part, value=value, key=key_of(value)))
            elif token.value != value:
                token.value, token.key, token.released_ms = value, key_of(value), None


def release(live: LiveSession) -> None:
    """Free the tokens of a session that is over, for other sessions."""
    for token in live.tokens:
        token.released_ms = clock.now_ms()


def values_of(live: LiveSession) -> dict[Part, str]:
    """Return a lesson's tokens."""
    return {token.part: token.value for token in live.tokens}


def token_of(typed: str) -> Token | None:
    """Return the open token that a person has typed. `None` means that there is none."""
    value = tidy(typed)
    return _holder(key_of(value)) if FORM.fullmatch(value) else None


def try_token(typed: str, user: User) -> Token | None:
    """Find the open token that a person enters.

    Raises:
        TooManyTokens: this person, or her block of addresses, has tried too many.
    """
    value = tidy(typed)
    if not FORM.fullmatch(value):
        return None
    attempt = throttle.attempt_of_token(key_of(value), user)
    throttle.admit(attempt)
    token = _holder(key_of(value))
    if token is not None:
        throttle.forgive(attempt)  # an audience that enters the right one from one address uses up nobody's patience
    return token


def _let_go(tokens: Iterable[Token]) -> None:
    """Release tokens that are about to change: two parts may exchange theirs, and one row is written first."""
    ids = [token.id for token in tokens]
    if ids:
        db.session.execute(update(Token).where(Token.id.in_(ids)).values(released_ms=clock.now_ms()))


def _is_strong(value: str, part: Part) -> bool:
    return bool(zxcvbn(key_of(value))["guesses"] >= LEAST_GUESSES[part])


def _holder(key: str) -> Token | None:
    return db.session.scalar(select(Token).where(Token.key == key, Token.released_ms.is_(None)))
