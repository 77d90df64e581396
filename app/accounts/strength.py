"""Strength of passwords: long, not among the first that guessers try, and not made of the person's own names."""

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
"""Maximum characters that are judged. More cost time and make no password worse."""
LEAST_SCORE = 2
"""Minimum score of zxcvbn. 2 withstands ten guesses a second for months; guessers try 0 and 1 first."""

LEAST_BESIDE = 8
"""Minimum characters beside the person's own names in a password."""

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
"""Reasons for a refusal, by the pattern that zxcvbn has found."""


def judge(password: str, about: Iterable[str | None]) -> None:
    """Check a password. `about` are words about this person, which guessers try first.

    Raises:
        WeakPassword: guessers would find it early.
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
    """Return the words about a person that a guesser would try first."""
    return [one for one in (user.username, user.real_name, user.email, user.staff_number) if one]


def _pieces(about: Iterable[str | None]) -> list[str]:
    """Return the pieces of names and addresses, longest first. Two letters mean nothing, two characters are a name."""
    wholes = [word.lower() for word in about if word]
    pieces = {piece for whole in wholes for piece in (whole, *re.split(r"[\W_]+", whole))}
    return sorted((one for one in pieces if len(one) > (2 if one.isascii() else 1)), key=len, reverse=True)


def _reason(sequence: list[dict[str, Any]]) -> LazyString:
    """Return the reason for the largest part of a password that zxcvbn has recognised."""
    known = [part for part in sequence if part["pattern"] in REASONS]
    if not known:
        return WeakPassword.message
    largest = max(known, key=lambda part: len(part["token"]))
    return REASONS["user_inputs" if largest.get("dictionary_name") == "user_inputs" else largest["pattern"]]
