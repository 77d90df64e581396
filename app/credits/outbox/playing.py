"""Reads from the reports of one page what a person does with its player. Pure: no database, no clock.

A page reports every ten seconds what it played, not which buttons were pressed. A jump between two pieces is a seek,
and time in which nothing was played is a pause. Only the programme is told of, and no page can have played for longer
than the server's clock ran.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from app.credits.counting.judging import ALLOWANCE_MS, SLACK_MS, TOLERANCE, Lesson, Piece
from app.credits.counting.stretches import length_ms, tidy, within

JOIN_MS = 1500
"""Maximum distance between two pieces, in media time, that were played without a jump."""

PAUSE_MS = 5_000
"""Minimum time without playing that is a pause; reports arrive some seconds late."""

SILENCE_MS = 15_000
"""A page that plays reports every ten seconds. After a longer silence its person has paused."""

MOST_SEGMENTS = 500
"""Maximum number of segments that are kept in the order in which they were played; beyond, they are put in order."""


class Verb(StrEnum):
    """Verbs of the xAPI video profile."""

    INITIALIZED = "initialized"
    PLAYED = "played"
    PAUSED = "paused"
    SEEKED = "seeked"
    COMPLETED = "completed"
    TERMINATED = "terminated"


Segments = list[list[int]]
"""[[from, to], …], epoch ms on the capture clock, in the order in which they were played."""


@dataclass(frozen=True)
class Deed:
    """Something that a person did."""

    verb: Verb
    at_ms: int
    """Time by the server's clock."""
    moment_ms: int
    """Moment of the lesson, on the capture clock."""
    from_ms: int = 0
    """Moment from which a seek went."""
    segments: Segments = field(default_factory=list)
    """Stretches that were watched until then. Some verbs have none."""


@dataclass
class View:
    """The state of a page; see `models.Viewing`."""

    seen_ms: int
    played_ms: int
    plays: bool = False
    segments: Segments = field(default_factory=list)
    known: int = 0
    newest: Segments = field(default_factory=list)

    @property
    def position_ms(self) -> int | None:
        """Last moment of the lesson that the page has played. `None` before it has played."""
        return self.segments[-1][1] if len(self.segments) > self.known else None


Played = tuple[int, int, float]
"""From, to and speed."""


def hear(view: View, pieces: Sequence[Piece], at_ms: int, lesson: Lesson) -> list[Deed]:
    """Take a report that arrived at a moment; change the view and return what the person has done."""
    played = _affordable(_played(view, pieces, at_ms, lesson), _most_ms(view, at_ms))
    began_ms = at_ms - round(sum((end - start) / speed for start, end, speed in played))
    deeds: list[Deed] = []
    rested_ms = (began_ms if played else at_ms) - view.played_ms
    if view.plays and rested_ms > (PAUSE_MS if played else SILENCE_MS):
        deeds += _pause(view)
    for start, end, speed in played:
        deeds += _play(view, start, end, began_ms, lesson)
        began_ms += round((end - start) / speed)
    if played:
        view.played_ms = at_ms
    if pieces:
        view.newest = [[piece.from_ms, piece.to_ms] for piece in pieces]
    view.seen_ms = at_ms
    return deeds


def leave(view: View) -> list[Deed]:
    """Return what is to be said of a page that is gone."""
    deeds = _pause(view) if view.plays else []
    position = view.position_ms
    if position is not None:
        deeds.append(Deed(Verb.TERMINATED, view.seen_ms, position, segments=_copied(view.segments)))
    return deeds


def offset_ms(lesson: Lesson, moment_ms: int) -> int:
    """Return how much programme lies before a moment: where the moment stands in the lesson as a film."""
    return length_ms([(start, min(end, moment_ms)) for start, end in lesson.programme if start < moment_ms])


def _most_ms(view: View, at_ms: int) -> int:
    is_first = view.position_ms is None
    return ALLOWANCE_MS if is_first else min(ALLOWANCE_MS, at_ms - view.seen_ms + SLACK_MS)


def _played(view: View, pieces: Sequence[Piece], at_ms: int, lesson: Lesson) -> list[Played]:
    """Return the part of a report that is programme, new, and no faster than the rule allows."""
    reported = {start: end for start, end in view.newest}  # noqa: C416 - lists are no pairs to mypy
    found: list[Played] = []
    for piece in pieces:
        if piece.speed > lesson.most_speed * TOLERANCE:
            continue
        fresh_ms = reported.get(piece.from_ms, piece.from_ms)  # a report that was not answered comes again, grown
        shown = within(fresh_ms, min(piece.to_ms, at_ms), lesson.programme)
        found += [(start, end, piece.speed) for start, end in shown]
    return found


def _affordable(played: Sequence[Played], most_ms: float) -> list[Played]:
    """Return the newest part of it that fits into a time of the server's clock."""
    found: list[Played] = []
    for start, end, speed in reversed(played):
        first = max(start, end - int(most_ms * speed))
        if first >= end:
            break
        found.append((first, end, speed))
        most_ms -= (end - first) / speed
    return found[::-1]


def _play(view: View, start: int, end: int, at_ms: int, lesson: Lesson) -> list[Deed]:
    position = view.position_ms
    deeds = []
    if position is None:
        deeds.append(Deed(Verb.INITIALIZED, at_ms, start))
        view.segments.append([start, end])
    elif abs(offset_ms(lesson, start) - offset_ms(lesson, position)) <= JOIN_MS:
        view.segments[-1][1] = max(position, end)
    elif end - start >= JOIN_MS:
        deeds.append(Deed(Verb.SEEKED, at_ms, start, from_ms=position))
        view.segments.append([start, end])
        _shorten(view)
    else:
        return []  # between two jumps, as of a person who looks for a place
    if not view.plays:
        deeds.append(Deed(Verb.PLAYED, at_ms, start))
    view.plays = True
    return deeds


def _pause(view: View) -> list[Deed]:
    view.plays = False
    position = view.position_ms
    return [] if position is None else [Deed(Verb.PAUSED, view.played_ms, position, segments=_copied(view.segments))]


def _shorten(view: View) -> None:
    if len(view.segments) > MOST_SEGMENTS:
        earlier = [list(one) for one in tidy(view.segments[:-1])]
        view.segments, view.known = [*earlier, view.segments[-1]], len(earlier)


def _copied(segments: Segments) -> Segments:
    return [list(one) for one in segments]
