"""A presenter's question, judged before it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.classroom.polls import errors
from app.classroom.polls.models import CHOICES, LONGEST_OPTION, LONGEST_QUESTION, MOST_OPTIONS, Kind, mask_of
from app.kernel.text import one_line

SHORTEST_S, LONGEST_S = 5, 3600
COUNTDOWNS_S = (0, 15, 30, 60, 120, 180, 300, 600)
"""Countdowns that forms offer. 0 means none."""


@dataclass(frozen=True)
class Draft:
    """A question in words that can be kept."""

    kind: Kind
    question: str
    options: tuple[str, ...] = ()
    right: int = 0
    """The right options as `mask_of` writes them."""
    countdown_s: int = 0


def judged(
    kind: str, question: str, options: Sequence[str] = (), right: Sequence[int] = (), countdown_s: int = 0
) -> Draft:
    """Read what was typed.

    Args:
        kind: one of `Kind`.
        question: one line.
        options: the lines of a form, of which empty ones are left out; only of choices.
        right: numbers, from 1, of the lines that are right answers; none: it is no quiz.
        countdown_s: 0 for none.

    Raises:
        NoSuchAnswer, NoQuestion, QuestionTooLong, OptionCount, OptionTooLong, OneRight, RightIsEmpty, Countdown: it
            cannot be asked like that.
    """
    if kind not in set(Kind):
        raise errors.NoSuchAnswer
    asked = one_line(question) or ""
    if not asked:
        raise errors.NoQuestion
    if len(asked) > LONGEST_QUESTION:
        raise errors.QuestionTooLong(LONGEST_QUESTION)
    if countdown_s and not SHORTEST_S <= countdown_s <= LONGEST_S:
        raise errors.Countdown
    if Kind(kind) not in CHOICES:
        return Draft(Kind(kind), asked, countdown_s=countdown_s)
    kept, mask = _options(options, right)
    if kind == Kind.SINGLE and mask.bit_count() > 1:
        raise errors.OneRight
    return Draft(Kind(kind), asked, kept, mask, countdown_s)


def _options(typed: Sequence[str], right: Sequence[int]) -> tuple[tuple[str, ...], int]:
    lines = [(number, one_line(text) or "") for number, text in enumerate(typed, 1)]
    kept = [(number, text) for number, text in lines if text]
    texts = [text for _number, text in kept]
    if not 2 <= len(texts) <= MOST_OPTIONS or len(set(texts)) < len(texts):
        raise errors.OptionCount
    if max(map(len, texts)) > LONGEST_OPTION:
        raise errors.OptionTooLong(LONGEST_OPTION)
    if not set(right) <= {number for number, _text in kept}:
        raise errors.RightIsEmpty
    return tuple(texts), mask_of(place for place, (number, _text) in enumerate(kept, 1) if number in set(right))
