"""The times of pages as text: a line for each, such as `0:12:30 3`. Pure.

`static/js/lib/slide-times.js` reads the same.

A line without a page means the page after that of the line before. Page 0 shows none: the picture stands alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.replays.places import exact_place, place_of
from app.replays.slide_times.errors import BadLine, NoTimes, TooManyTimes

MOST_LINES = 2_000
_LINE = re.compile(r"([\d:.,]+?)(?:[\s,;]+(\d{1,5}))?")


@dataclass(frozen=True)
class Line:
    """A page appears."""

    place_ms: int
    """Place in the whole recording."""
    page: int


def lines_of(text: str, *, pages: int, length_ms: int) -> list[Line]:
    """Read the lines, in order; of several at one place the last one counts.

    Args:
        text: what somebody wrote.
        pages: number of pages of the document.
        length_ms: of the whole recording.

    Raises:
        BadLine, NoTimes, TooManyTimes: it cannot be read.
    """
    found: dict[int, Line] = {}
    page = 0
    for number, written in enumerate(text.splitlines(), 1):
        if not written.strip():
            continue
        match = _LINE.fullmatch(written.strip())
        place_ms = place_of(match[1]) if match else None
        page = int(match[2]) if match and match[2] else page + 1
        if place_ms is None or place_ms >= length_ms or page > pages:
            raise BadLine(number, pages)
        found[place_ms] = Line(place_ms, page)
    if not any(line.page for line in found.values()):
        raise NoTimes
    if len(found) > MOST_LINES:
        raise TooManyTimes
    return sorted(found.values(), key=lambda line: line.place_ms)


def text_of(lines: Iterable[Line]) -> str:
    """Write lines."""
    return "".join(f"{exact_place(line.place_ms)} {line.page}\n" for line in lines)


def evenly(pages: int, length_ms: int) -> list[Line]:
    """Return times by which each page stands equally long."""
    return [Line(number * length_ms // pages, number + 1) for number in range(pages)]
