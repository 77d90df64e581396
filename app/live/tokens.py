"""口令: words that give whoever enters them a part in a lesson; no two that are open are the same."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import select, update

from app.extensions import db
from app.kernel import clock
from app.live.errors import TokenMalformed, TokenTaken
from app.live.models import LiveSession, Part, Token

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Nothing that is misread on a slide or over the telephone: no 0 and O, no 1, I and L."""

GENERATED = 8
FORM = re.compile(r"[A-Za-z0-9]{6,15}")


def tidy(typed: str | None) -> str:
    """Give what was meant: full-width letters as plain ones (Unicode NFKC), no blanks around."""
    return unicodedata.normalize("NFKC", typed or "").strip()


def key_of(value: str) -> str:
    """Give what two tokens share that are the same to people: case does not matter, nobody says it aloud."""
    return value.lower()


def fresh(avoiding: Collection[str] = ()) -> str:
    """Make a token that no open session has, and that is none of `avoiding`."""
    taken = {key_of(one) for one in avoiding}
    while True:
        value = "".join(secrets.choice(ALPHABET) for _ in range(GENERATED))
        if key_of(value) not in taken and _holder(key_of(value)) is None:
            return value


def judge(part: Part, wanted: Mapping[Part, str], *, but: str | None = None) -> None:
    """Refuse one of the tokens that were typed for a lesson; an empty one is fine, it will be generated.

    Args:
        part: whose token is judged.
        wanted: what was typed for each part, tidied.
        but: id of the lesson that may have the token already.

    Raises:
        TokenMalformed: it has not 6 to 15 letters and digits.
        TokenTaken: another part, or another open session, has the same.
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
    if holder is not None and holder.live_id != but:
        raise TokenTaken(part, fresh(wanted.values()))


def give(live: LiveSession, wanted: Mapping[Part, str]) -> None:
    """Give a lesson its tokens, those that were typed and fresh ones where nothing was.

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
    """Let other sessions use the tokens of one that is over."""
    for token in live.tokens:
        token.released_ms = clock.now_ms()


def values_of(live: LiveSession) -> dict[Part, str]:
    """Give a lesson's tokens."""
    return {token.part: token.value for token in live.tokens}


def token_of(typed: str) -> Token | None:
    """Find the open token that somebody has typed."""
    value = tidy(typed)
    return _holder(key_of(value)) if FORM.fullmatch(value) else None


def _let_go(tokens: Iterable[Token]) -> None:
    """Release tokens that are about to change: two parts may exchange theirs, and one row is written first."""
    ids = [token.id for token in tokens]
    if ids:
        db.session.execute(update(Token).where(Token.id.in_(ids)).values(released_ms=clock.now_ms()))


def _holder(key: str) -> Token | None:
    return db.session.scalar(select(Token).where(Token.key == key, Token.released_ms.is_(None)))
