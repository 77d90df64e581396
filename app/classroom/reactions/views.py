"""View models of reactions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from app.classroom.reactions.queries import Given

WORDS: Mapping[str, str | LazyString] = {
    "up": "👍",
    "clap": "👏",
    "clear": _l("I follow"),
    "fast": _l("Too fast"),
    "unheard": _l("I cannot hear well"),
}
"""The reactions that a page offers, with their words, in order."""

TROUBLES = frozenset({"fast", "unheard"})
"""Reactions that ask the teacher to change something."""


@dataclass(frozen=True)
class Tally:
    """A reaction with the number of times that it was given."""

    words: str
    count: int
    is_trouble: bool


def tallies(given: Iterable[Given]) -> list[Tally]:
    """Add reactions up. Those that nobody gave are left out."""
    sums: Counter[str] = Counter()
    for one in given:
        sums.update(one.counts)
    return [Tally(str(words), sums[name], name in TROUBLES) for name, words in WORDS.items() if sums[name]]
