"""The description of a course, `course.json`: what every form of courseware is made from. Pure.

It is the lesson's two rows again. `clock` says which moment of capture each place of the film shows, `stage` holds the
events that led the stage at their moments of capture, and a player folds the one over the other as our replay does.
Places in the film are seconds (`at_s`), moments of capture epoch ms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

from app.replays.mp4 import Piece

SCHEMA = "jiangtang.course"
MAJOR, MINOR = 1, 0
"""A reader refuses another MAJOR, and ignores fields of a later MINOR."""

LEAST_GAP_MS = 1000
"""Shorter holes in the recording are seams of the encoder, in which nothing is missing."""


@dataclass(frozen=True)
class Options:
    """A person's wishes for a course."""

    chat: bool = True
    """With messages, questions and polls."""
    names: bool = True
    """With the names of learners; those who teach are named always."""
    layout: str = "slides"
    """Of a composed MP4, one of `composing.layouts.LAYOUTS`."""
    height: int = 720
    """Of its picture, px, one of `composing.layouts.HEIGHTS`."""
    part_mb: int = 0
    """Maximum size of a part, in MB; 0 leaves it in one. Of packages that play, and of a composed MP4."""


@dataclass(frozen=True)
class Film:
    """The picture with its sound."""

    src: str
    length_s: float
    width: int
    height: int


@dataclass(frozen=True)
class Gap:
    """A stretch of the lesson that is not in the film."""

    at_s: float
    missing_ms: int
    why: str
    """paused, away or unrecorded."""


@dataclass(frozen=True)
class Chapter:
    """A page that stood for a while."""

    at_s: float
    title: str
    page: int | None
    thumb: str
    """Name of its small picture in the package; empty where there is none."""


@dataclass(frozen=True)
class Words:
    """A message of the chat."""

    at_s: float
    name: str
    """Empty where it is not told."""
    part: str
    text: str
    picture: str = ""
    answers: str = ""
    """Beginning of the message that it answers."""


@dataclass(frozen=True)
class Asked:
    """A question with its answer."""

    at_s: float
    name: str
    part: str
    text: str
    votes: int
    answer: str
    answered_by: str
    answered_s: float | None
    """Place in the film at which it is answered by voice."""


@dataclass(frozen=True)
class Polled:
    """A poll whose results everybody saw. With `right`, learners may answer it again as a quiz."""

    at_s: float
    kind: str
    question: str
    options: list[str]
    counts: list[int]
    total: int
    right: list[int]
    """Numbers of the right options, from 1; empty where there are none."""


@dataclass(frozen=True)
class Caption:
    """Captions in one language: from, to (s) and text of each."""

    language: str
    label: str
    cues: list[tuple[float, float, str]]


@dataclass(frozen=True)
class Course:
    """A lesson as courseware."""

    id: str
    """The same whenever the lesson is exported: an LMS knows by it whose results belong together."""
    title: str
    abstract: str
    teachers: list[str]
    unit: str
    language: str
    began_ms: int
    film: Film
    clock: list[Piece]
    gaps: list[Gap]
    stage: list[dict[str, Any]]
    """Events as the replay gets them: id, at, kind, data; pictures by their names in the package."""
    chapters: list[Chapter]
    share: float
    """Share of the course, 0 to 1, that must be watched to complete it."""
    chat: list[Words] = field(default_factory=list)
    questions: list[Asked] = field(default_factory=list)
    polls: list[Polled] = field(default_factory=list)
    captions: list[Caption] = field(default_factory=list)

    @property
    def has_quiz(self) -> bool:
        """Return whether there is a poll with right answers."""
        return any(poll.right for poll in self.polls)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, the schema first."""
        return {"schema": SCHEMA, "version": [MAJOR, MINOR], **asdict(self)}


class Pictures:
    """Names of pictures within the package: short, ASCII and in the order in which they are shown."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def name(self, address: str, folder: str, /) -> str:
        """Return the name of what an address of ours leads to; "" for no address."""
        if not address:
            return ""
        if address not in self._names:
            number = 1 + sum(1 for name in self._names.values() if name.startswith(f"{folder}/"))
            self._names[address] = f"{folder}/{number:03d}.jpg"
        return self._names[address]

    @property
    def names(self) -> Mapping[str, str]:
        """All names so far, by address."""
        return self._names


def place_of(clock: Sequence[Piece], moment_ms: float) -> float:
    """Return the place of a moment of capture in the film: in a gap, where the film goes on; never outside of it."""
    for piece in clock:
        into_s = (moment_ms - piece.captured_ms) / 1000
        if into_s < piece.length_s:
            return round(piece.at_s + max(0.0, into_s), 3)
    return round(clock[-1].at_s + clock[-1].length_s, 3) if clock else 0.0


def gaps_of(clock: Sequence[Piece], states: Sequence[tuple[int, str]]) -> list[Gap]:
    """Return the gaps between the pieces of the film; `states` are (moment, state) of the lesson, in order."""
    gaps = []
    for piece, following in pairwise(clock):
        ends_ms = piece.captured_ms + round(piece.length_s * 1000)
        missing_ms = following.captured_ms - ends_ms
        if missing_ms >= LEAST_GAP_MS:
            within = [state for at_ms, state in states if at_ms <= ends_ms + missing_ms // 2]
            why = within[-1] if within and within[-1] in {"paused", "away"} else "unrecorded"
            gaps.append(Gap(round(following.at_s, 3), missing_ms, why))
    return gaps


def on_stage(event_id: int, at_ms: int, kind: str, data: Mapping[str, Any], pictures: Pictures) -> dict[str, Any]:
    """Return an event of the stage as packages hold it: with names of pictures in place of addresses."""
    shown = dict(data)
    if "large" in shown:
        shown |= {"large": pictures.name(shown["large"], "slides"), "medium": "", "next": []}
    return {"id": event_id, "at": at_ms, "kind": kind, "data": shown}


def chapters_of(
    moments: Sequence[tuple[int, str, int | None]], clock: Sequence[Piece], thumbs: Mapping[int, str]
) -> list[Chapter]:
    """Return the chapters: (moment, title, page) of each page that stood for a while; `thumbs` by moment.

    Where several begin at one place of the film, as in a pause, only the last one is a chapter there.
    """
    found: list[Chapter] = []
    for at_ms, title, page in moments:
        chapter = Chapter(place_of(clock, at_ms), title, page, thumbs.get(at_ms, ""))
        if found and chapter.at_s - found[-1].at_s < 1:
            found.pop()
        if found and (found[-1].title, found[-1].page) == (chapter.title, chapter.page):
            continue
        found.append(chapter)
    return found
