"""A course in parts, each a course of its own that is no larger than a learning platform takes. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

from app.courseware.course import Asked, Caption, Chapter, Course, Gap, Polled, Words
from app.replays.mp4 import Piece

NEAR = 0.15
"""Share of its length by which a part may be longer or shorter, to begin with a chapter."""
LEAST_MB, MOST_MB = 20, 100_000
"""Sizes of a part that can be asked for; less would hold a minute or two."""

At = TypeVar("At", Chapter, Gap, Words, Asked, Polled)


def cuts_of(length_s: float, chapters: Sequence[Chapter], count: int) -> list[tuple[float, float]]:
    """Return from where to where each of `count` parts goes (s). A part begins with a chapter if one is near."""
    usual_s = length_s / count
    starts = [chapter.at_s for chapter in chapters]
    cuts = [0.0]
    for number in range(1, count):
        wanted_s = number * usual_s
        near = [at_s for at_s in starts if abs(at_s - wanted_s) <= NEAR * usual_s]
        cuts.append(min(near, key=lambda at_s: abs(at_s - wanted_s), default=round(wanted_s, 3)))
    return list(zip(cuts, [*cuts[1:], length_s], strict=True))


def section_of(course: Course, begin_s: float, end_s: float, number: int, count: int) -> Course:
    """Return the part of a course between two places of its film (s), as number `number` of `count`."""
    clock = _clock(course.clock, begin_s, end_s)
    last_ms = max((piece.captured_ms + piece.length_s * 1000 for piece in clock), default=0.0)

    def within(told: Sequence[At]) -> list[At]:
        return [replace(one, at_s=round(one.at_s - begin_s, 3)) for one in told if begin_s <= one.at_s < end_s]

    return replace(
        course,
        id=f"{course.id}-{number}of{count}",
        title=f"{course.title} ({number}/{count})",
        film=replace(course.film, length_s=round(end_s - begin_s, 3)),
        clock=clock,
        gaps=within(course.gaps),
        stage=_stage(course.stage, last_ms),
        chapters=_chapters(course.chapters, begin_s, within(course.chapters)),
        chat=within(course.chat),
        questions=[_answered(one, begin_s, end_s) for one in within(course.questions)],
        polls=within(course.polls),
        captions=[_captions(one, begin_s, end_s) for one in course.captions],
    )


def pictures_of(course: Course) -> set[str]:
    """Return the names of the pictures that a course shows."""
    shown = {str(event["data"].get("large", "")) for event in course.stage}
    return shown | {chapter.thumb for chapter in course.chapters} | {one.picture for one in course.chat}


def _clock(clock: Sequence[Piece], begin_s: float, end_s: float) -> list[Piece]:
    found = []
    for piece in clock:
        from_s, to_s = max(begin_s, piece.at_s), min(end_s, piece.at_s + piece.length_s)
        if to_s > from_s:
            into_ms = round((from_s - piece.at_s) * 1000)
            found.append(Piece(round(from_s - begin_s, 3), round(to_s - from_s, 3), piece.captured_ms + into_ms))
    return found


def _stage(events: Sequence[dict[str, Any]], last_ms: float) -> list[dict[str, Any]]:
    """Return the events that lead the stage up to a moment: a part also needs the drawing from before it."""
    return [event for event in events if event["at"] <= last_ms]


def _chapters(chapters: Sequence[Chapter], begin_s: float, own: list[Chapter]) -> list[Chapter]:
    """Return the chapters of a part; the one in whose midst it begins comes first."""
    if own and own[0].at_s < 1:
        return own
    before = bisect_right([chapter.at_s for chapter in chapters], begin_s)
    return [replace(chapters[before - 1], at_s=0.0), *own] if before else own


def _answered(asked: Asked, begin_s: float, end_s: float) -> Asked:
    at_s = asked.answered_s
    return replace(asked, answered_s=round(at_s - begin_s, 3) if at_s is not None and begin_s <= at_s < end_s else None)


def _captions(caption: Caption, begin_s: float, end_s: float) -> Caption:
    length_s = end_s - begin_s
    cues = [
        (round(max(0.0, start - begin_s), 3), round(min(length_s, stop - begin_s), 3), text)
        for start, stop, text in caption.cues
        if start < end_s and stop > begin_s
    ]
    return replace(caption, cues=cues)
