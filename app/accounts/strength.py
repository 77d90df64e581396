"""Which passwords are good enough: long, not among the first that guessers try, and not made of one's own names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from zxcvbn import zxcvbn

from app.accounts.errors import WeakPassword
from app.accounts.models import User

SHORTEST = 10
JUDGED = 72
"""Characters that are judged: more cost time and make no password worse."""
LEAST_SCORE = 2
"""zxcvbn: 2 withstands ten guesses a second for months (0 and 1 are among the first that are tried)."""

LEAST_BESIDE = 8
"""Characters that must stand beside one's own names in a password."""

ABOUT_ONESELF = _l("It holds little but your name, e-mail address or staff number, or the name of this service.")
TOO_SHORT = _l("Use at least 10 characters.")
REASONS: dict[str, LazyString] = {
    "user_inputs": ABOUT_ONESELF,
    "dictionary": _l("It is made of words that guessers try first."),
    "repeat": _l("It repeats the same characters."),
    "sequence": _l("Its characters follow each other in the alphabet."),
    "spatial": _l("Its characters lie side by side on the keyboard."),
    "date": _l("It is made of a date."),
    "regex": _l("It is made of a date."),
}
"""Why a password is refused, by what zxcvbn has found in it."""


def judge(password: str, about: Iterable[str | None]) -> None:
    """Refuse a password that guessers try early; `about` are words that lie near for this person.

    Raises:
        WeakPassword: so it is.
    """
    if len(password) < SHORTEST:
        raise WeakPassword(TOO_SHORT)
    words = _pieces([*about, "jiangtang", "讲堂", current_app.config["ACADEMY"]])
    beside = password.lower()
    for word in words:
        beside = beside.replace(word, "")
    if len(beside) < LEAST_BESIDE:
        raise WeakPassword(ABOUT_ONESELF)
    found = zxcvbn(password[:JUDGED], user_inputs=words, max_length=JUDGED)
    if found["score"] < LEAST_SCORE:
        raise WeakPassword(_reason(found["sequence"]))


def words_about(user: User) -> list[str]:
    """Return what a guesser would try first for this person."""
    return [one for one in (user.username, user.real_name, user.email, user.staff_number) if one]


def _pieces(about: Iterable[str | None]) -> list[str]:
    """Take names and addresses apart, the longest piece first; two letters say nothing, two characters are a name."""
    wholes = [word.lower() for word in about if word]
    pieces = {piece for whole in wholes for piece in (whole, *re.split(r"[\W_]+", whole))}
    return sorted((one for one in pieces if len(one) > (2 if one.isascii() else 1)), key=len, reverse=True)


def _reason(sequence: list[dict[str, Any]]) -> LazyString:
    """Say what the largest part of a password that was found out is."""
    known = [part for part in sequence if part["pattern"] in REASONS]
    if not known:
        return WeakPassword.message
    largest = max(known, key=lambda part: len(part["token"]))
    return REASONS["user_inputs" if largest.get("dictionary_name") == "user_inputs" else largest["pattern"]]
