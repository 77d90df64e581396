"""Which text holds the words that were searched for, and its part around the first of them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_WORDS = 8
BEFORE, AFTER = 16, 60
"""Characters of a text that are shown before and after the word that was found."""


@dataclass(frozen=True)
class Excerpt:
    """Part of a text around a word."""

    before: str
    match: str
    after: str


def words_of(q: str) -> list[str]:
    """Return the words of a search, at most `MOST_WORDS`; a text must hold all of them."""
    return q.split()[:MOST_WORDS]


def excerpt_of(text: str, words: list[str]) -> Excerpt | None:
    """Return the part of a text around the first word found, on one line; `None` where a word is missing."""
    line = " ".join(text.split())
    found = [re.search(re.escape(word), line, re.IGNORECASE) for word in words]
    places = [match for match in found if match is not None]
    if not words or len(places) < len(words):
        return None
    first = min(places, key=lambda match: match.start())
    start, end = max(0, first.start() - BEFORE), first.end() + AFTER
    before = ("…" if start else "") + line[start : first.start()]
    after = line[first.end() : end] + ("…" if end < len(line) else "")
    return Excerpt(before, first[0], after)
