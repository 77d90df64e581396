"""What of a report counts. Pure: no database, no clock but the one it is given.

A person's time is used up once. `Spending` holds the moment of the server's clock up to which it is: a stretch of media
that she has not watched before costs its length divided by the speed at which it was played, and a report can pay no
more than what lies between that moment and its own arrival. So the sum over tabs, devices and lessons never runs faster
than the server's clock, times the speed that the rule allows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntFlag, StrEnum
from typing import NamedTuple

from app.credits.counting.stretches import Stretches, length_ms, outside, tidy, within

NUMBERS = 4
"""Numbers of one piece in a report."""

LINE_DOWN_MS = 60_000
"""Time without a connection during which a page plays its buffer, and all of it counts."""

REPORT_EVERY_MS = 10_000
"""Time between two reports of a page that plays."""

SLACK_MS = 5_000
"""Time that a person who has just come gets in advance: her first report was on its way, and over hours her device
plays some seconds faster than the server's clock runs."""

ALLOWANCE_MS = LINE_DOWN_MS + REPORT_EVERY_MS + SLACK_MS
"""Maximum time for which a report pays after the event."""

LAPSE_MS = ALLOWANCE_MS
"""Silence after which a person has gone; she comes anew, and is paid for nothing that lies before."""

TOLERANCE = 1.02
"""Speed is read from the player; it may be that much above the rule's."""

LEAST_SPEED = 0.25
"""No player offers less; a smaller number would make time of nothing."""

MOST_STRETCHES = 4_000
"""Maximum number of stretches of a person in a lesson: an honest one has dozens."""


class Fact(IntFlag):
    """What a page says beside what it played; nothing of it changes what counts."""

    MUTED = 1
    HIDDEN = 2
    APART = 4
    """Picture in picture."""


class Why(StrEnum):
    """Why something of a report did not count; empty when all of it did."""

    NOTHING = ""
    GUEST = "guest"
    """She has no account."""
    TEACHES = "teaches"
    """She teaches or assists, and the rule counts learners only."""
    NO_REPLAY = "no_replay"
    """The rule counts no replays, or no longer."""
    TOO_FAST = "too_fast"
    """She played faster than the rule allows."""
    OTHER_LESSON = "other_lesson"
    """Her time is used in another lesson."""
    LIMIT = "limit"
    """Her time is used up in this lesson, or for this day."""


class Piece(NamedTuple):
    """What a page says that it played without a break."""

    from_ms: int
    to_ms: int
    """Epoch ms on the capture clock."""
    speed: float
    facts: Fact


@dataclass
class Spending:
    """One person's time; see `models.Watcher`."""

    spent_ms: int
    seen_ms: int
    live_id: str | None = None


@dataclass
class Tally:
    """What one person watched of one lesson; see `models.Watched`."""

    came_ms: int
    seen_ms: int
    on_air: Stretches = field(default_factory=list)
    replayed: Stretches = field(default_factory=list)
    muted_ms: int = 0
    hidden_ms: int = 0
    apart_ms: int = 0


@dataclass(frozen=True)
class Lesson:
    """What a report about a lesson is held against."""

    live_id: str
    programme: Stretches
    most_speed: float
    is_replay: bool


def pieces_of(since_ms: int, numbers: Iterable[int]) -> list[Piece]:
    """Read the pieces of a report, `NUMBERS` each: from and to in ms after `since_ms`, speed in thousandths, facts.

    What cannot have been played is left out: pieces of no length, speeds of none.
    """
    found = []
    for start, end, thousandths, facts in zip(*[iter(numbers)] * NUMBERS, strict=False):
        if 0 <= start < end and thousandths > 0:
            speed = max(LEAST_SPEED, thousandths / 1000)
            found.append(Piece(since_ms + start, since_ms + end, speed, Fact(facts & 7)))
    return found


def first_spending(now_ms: int) -> Spending:
    """Return the time of a person who was never heard of before."""
    return Spending(now_ms - SLACK_MS, now_ms)


def judge(pieces: Iterable[Piece], now_ms: int, lesson: Lesson, spending: Spending, tally: Tally) -> Why:
    """Count a report that arrived at `now_ms`, and say why some of it did not count.

    Moments that were counted before cost nothing and add nothing, so it does not matter how often a report comes.
    """
    if now_ms - spending.seen_ms > LAPSE_MS:
        spending.spent_ms = max(spending.spent_ms, now_ms - SLACK_MS)
    spent = float(max(spending.spent_ms, now_ms - ALLOWANCE_MS))
    before = spending.live_id
    spending.seen_ms = max(spending.seen_ms, now_ms)
    tally.seen_ms = max(tally.seen_ms, now_ms)
    watched = tally.replayed if lesson.is_replay else tally.on_air
    covered = tidy([*tally.on_air, *tally.replayed])
    since_she_came_ms = int((now_ms - tally.came_ms + SLACK_MS) * lesson.most_speed) - length_ms(covered)
    why, counts = Why.NOTHING, False
    for piece in pieces:
        if piece.speed > lesson.most_speed * TOLERANCE:
            why = why or Why.TOO_FAST
            continue
        for start, end in _new(piece, lesson.programme, covered, now_ms):
            affordable_ms = min(int((now_ms - spent) * piece.speed), since_she_came_ms)
            if len(covered) >= MOST_STRETCHES:
                affordable_ms = 0
            if end - start > affordable_ms:
                why = why or (Why.OTHER_LESSON if before not in {None, lesson.live_id} else Why.LIMIT)
                end = start + max(0, affordable_ms)  # noqa: PLW2901 - the rest is not paid for
            if end > start:
                spent += (end - start) / piece.speed
                since_she_came_ms -= end - start
                covered = tidy([*covered, (start, end)])
                watched.append((start, end))
                spending.live_id, counts = lesson.live_id, True
                _note(tally, piece.facts, end - start)
    watched[:] = tidy(watched)
    if counts:
        spending.spent_ms = math.ceil(spent)
    return why


def _new(piece: Piece, programme: Stretches, covered: Stretches, now_ms: int) -> Iterable[tuple[int, int]]:
    """Return the parts of a piece that are programme, not in the future, and not counted before."""
    for start, end in within(piece.from_ms, min(piece.to_ms, now_ms), programme):
        yield from outside(start, end, covered)


def _note(tally: Tally, facts: Fact, length_ms: int) -> None:
    tally.muted_ms += length_ms if facts & Fact.MUTED else 0
    tally.hidden_ms += length_ms if facts & Fact.HIDDEN else 0
    tally.apart_ms += length_ms if facts & Fact.APART else 0
