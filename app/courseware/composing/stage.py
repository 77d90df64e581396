"""The stage at the moments of a lesson, a fold over its events: `static/js/lib/lesson-track.js` once more. Pure.

The program that draws imports it, so it imports nothing of the app.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

GRID_MS = 100
"""Strokes and pointer are drawn ten times a second; pages come at their exact moments."""
POINTER_STAYS_MS = 1500
"""A pointer that rests, and was not put away, fades: POINTER_STAYS_MS of lesson-track.js."""

PageKey = tuple[str, int]
Spot = tuple[int, int]


@dataclass(frozen=True)
class Stroke:
    """A stroke as far as it was drawn at a moment; points are (x, y) in 1/10000 of the page's width and height."""

    id: str
    tool: str
    colour: str
    width: int
    """In 1/1000 of the page's width."""
    points: tuple[Spot, ...]
    words: str
    is_whole: bool
    """The stroke is complete."""


@dataclass(frozen=True)
class Scene:
    """The content of the stage from a moment on."""

    at_ms: int
    picture: str
    """Name of the page's picture; empty for a blank page."""
    ratio: float | None
    """Height of the page by its width; `None` where no page is shown."""
    strokes: tuple[Stroke, ...] = ()
    pointer: Spot | None = None
    page: PageKey | None = None
    words: str = ""
    """Text of the page."""

    @property
    def look(self) -> tuple[object, ...]:
        """All that decides how it looks."""
        strokes = tuple((one.id, len(one.points), one.points[0], one.colour, one.tool) for one in self.strokes)
        return self.picture, self.ratio, strokes, self.pointer


class _Line:
    """A stroke with all of its parts, each point with its moment."""

    def __init__(self, at_ms: int, data: Mapping[str, Any]) -> None:
        self.data = data
        self._spots: list[Spot] = []
        self._moments: list[int] = []
        self.add(at_ms, data["points"])

    def add(self, at_ms: int, points: Sequence[int]) -> None:
        self._spots += list(zip(points[0::3], points[1::3], strict=True))
        self._moments += [at_ms + ms for ms in points[2::3]]

    def until(self, moment_ms: int) -> Stroke:
        count = bisect_right(self._moments, moment_ms)
        data = self.data
        return Stroke(
            str(data["stroke"]),
            str(data["tool"]),
            str(data["colour"]),
            int(data["width"]),
            tuple(self._spots[:count]),
            str(data.get("words") or ""),
            count == len(self._spots),
        )


class Stage:
    """The stage of a lesson; it is asked for moments that rise."""

    def __init__(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Take the events of a course (`id`, `at`, `kind`, `data`)."""
        self._events = sorted(events, key=lambda event: (event["at"], event["id"]))
        self._next = 0
        self._page: Mapping[str, Any] | None = None
        self._drawn: dict[PageKey, dict[str, _Line]] = {}
        self._pointed: Mapping[str, Any] | None = None
        self._rested: Mapping[str, Any] | None = None

    def moments(self) -> list[int]:
        """Return the moments at which something changes, in order."""
        found: set[int] = set()
        for event in self._events:
            at_ms, kind = event["at"], event["kind"]
            if kind in {"slides.shown", "slides.cleared", "slides.erased"}:
                found.add(at_ms)
            elif kind in {"slides.drawn", "slides.pointed"}:
                found |= {_on_grid(at_ms + ms) for ms in (0, *event["data"]["points"][2::3])}
            if kind == "slides.pointed":
                points = event["data"]["points"]
                found.add(_on_grid(at_ms + (points[-1] if points else 0) + POINTER_STAYS_MS + 1))
        return sorted(found)

    def at(self, moment_ms: int) -> Scene:
        """Return the content of the stage."""
        while self._next < len(self._events) and self._events[self._next]["at"] <= moment_ms:
            self._fold(self._events[self._next])
            self._next += 1
        page = self._page
        if page is None:
            return Scene(moment_ms, "", None)
        lines = self._drawn.get(_key(page), {}).values()
        strokes = [line.until(moment_ms) for line in lines]
        return Scene(
            at_ms=moment_ms,
            picture=str(page["large"]),
            ratio=page["height"] / page["width"] if page["width"] and page["height"] else 9 / 16,
            strokes=tuple(one for one in strokes if one.points),
            pointer=self._pointer(page, moment_ms),
            page=_key(page),
            words=str(page.get("text") or ""),
        )

    def _fold(self, event: Mapping[str, Any]) -> None:
        data = event["data"]
        match event["kind"]:
            case "slides.shown":
                self._page = data
            case "slides.cleared":
                self._page = None
            case "slides.drawn":
                self._draw(event["at"], data)
            case "slides.erased":
                self._erase(data)
            case "slides.pointed":
                last = self._pointed
                rests = last and not last["data"].get("off") and _key(last["data"]) == _key(data)
                self._rested, self._pointed = last if rests else None, event

    def _draw(self, at_ms: int, data: Mapping[str, Any]) -> None:
        page = self._drawn.setdefault(_key(data), {})
        known = page.get(data["stroke"])
        if data["part"] == 0 or known is None:
            if "tool" in data:  # otherwise its first part is missing
                page[data["stroke"]] = _Line(at_ms, data)
        else:
            known.add(at_ms, data["points"])

    def _erase(self, data: Mapping[str, Any]) -> None:
        if data.get("all"):
            self._drawn.pop(_key(data), None)
        else:
            for stroke in data.get("strokes", ()):
                self._drawn.get(_key(data), {}).pop(stroke, None)

    def _pointer(self, page: Mapping[str, Any], moment_ms: int) -> Spot | None:
        pointed = self._pointed
        if pointed is None or _key(pointed["data"]) != _key(page):
            return None
        points = pointed["data"]["points"]
        found = _last_spot(pointed, moment_ms) or (_last_spot(self._rested, moment_ms) if self._rested else None)
        is_over = not points or pointed["at"] + points[-1] <= moment_ms
        if found is None or (is_over and pointed["data"].get("off")):
            return None
        spot, reached_ms = found
        return None if moment_ms - reached_ms > POINTER_STAYS_MS else spot


def scenes(clock: Sequence[Mapping[str, Any]], events: Sequence[Mapping[str, Any]]) -> Iterator[tuple[float, Scene]]:
    """Return the content from each place of the film on (s), in order, without scenes that look like the one before.

    Args:
        clock: `at_s`, `length_s` and `captured_ms` of each piece of the film, as `Piece` has them.
        events: of the stage.
    """
    stage = Stage(events)
    moments = stage.moments()
    before: tuple[object, ...] | None = None
    for piece in clock:
        begin_ms, end_ms = piece["captured_ms"], piece["captured_ms"] + piece["length_s"] * 1000
        within = moments[bisect_right(moments, begin_ms) :]
        for moment_ms in (begin_ms, *within):
            if moment_ms >= end_ms:
                break
            scene = stage.at(moment_ms)
            if scene.look != before:
                before = scene.look
                yield piece["at_s"] + (moment_ms - begin_ms) / 1000, scene


def sheets(events: Sequence[Mapping[str, Any]]) -> list[Scene]:
    """Return each page that was shown, in the order of their first showing, with its final drawing.

    A page that was wiped comes as it was before, and again with what was drawn on it afterwards.
    """
    stage = Stage(events)
    wiped = {(event["at"], _key(event["data"])) for event in events if event["data"].get("all")}
    found: dict[PageKey, list[Scene]] = {}
    for moment_ms in stage.moments():
        scene = stage.at(moment_ms)
        if scene.page is None:
            continue
        of_page = found.setdefault(scene.page, [scene])
        if (moment_ms, scene.page) in wiped and of_page[-1].strokes:
            of_page.append(scene)
        else:
            of_page[-1] = scene
    return [one for of_page in found.values() for one in of_page if one.strokes or one is of_page[0]]


def _on_grid(moment_ms: int) -> int:
    return -(-moment_ms // GRID_MS) * GRID_MS


def _key(data: Mapping[str, Any]) -> PageKey:
    return data["document"], data["page"]


def _last_spot(pointed: Mapping[str, Any], moment_ms: int) -> tuple[Spot, int] | None:
    found, points = None, pointed["data"]["points"]
    for x, y, ms in zip(points[0::3], points[1::3], points[2::3], strict=True):
        if pointed["at"] + ms > moment_ms:
            break
        found = ((x, y), pointed["at"] + ms)
    return found
