"""Strokes: tools, colours, widths and the shape of points, as docs/protocol.md has them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from app.classroom.slides import errors
from app.kernel.text import one_line


class Tool(StrEnum):
    """Tool of a stroke."""

    PEN = "pen"
    HIGHLIGHTER = "highlighter"
    LINE = "line"
    ARROW = "arrow"
    RECTANGLE = "rectangle"
    ELLIPSE = "ellipse"
    TEXT = "text"


FREEHAND = frozenset({Tool.PEN, Tool.HIGHLIGHTER})
"""Tools whose strokes come in parts while they are drawn."""

COLOURS = frozenset({"red", "blue", "green", "amber", "black", "white"})
THINNEST, WIDEST = 1, 20
"""In 1/1000 of the page's width."""

FAR = 10_000
"""Maximum coordinate, over the page's width and over its height."""

LONGEST_PART_MS = 60_000
MOST_PARTS = 2_000
LONGEST_WORDS = 200
NAME = re.compile(r"[A-Za-z0-9_-]{1,36}", re.ASCII)
"""Pages name their strokes themselves, with a random name."""


def judged_first(stroke: str, tool: str, colour: str, width: int, points: Sequence[int], words: str) -> dict[str, Any]:
    """Return the payload of a stroke's first part.

    Raises:
        OddStroke: it is none that our tools make.
        NoWords, TooLong: of a text.
    """
    if tool not in list(Tool) or colour not in COLOURS or not THINNEST <= width <= WIDEST:
        raise errors.OddStroke
    wanted = {Tool.TEXT: 1, Tool.PEN: None, Tool.HIGHLIGHTER: None}.get(Tool(tool), 2)
    points = judged_points(points)
    if not points or (wanted is not None and len(points) != 3 * wanted):
        raise errors.OddStroke
    kept = {"stroke": judged_name(stroke), "part": 0, "tool": tool, "colour": colour, "width": width, "points": points}
    return {**kept, "words": _judged_words(words) if tool == Tool.TEXT else ""}


def judged_part(stroke: str, part: int, points: Sequence[int]) -> dict[str, Any]:
    """Return the payload of a later part of a stroke.

    Raises:
        OddStroke: it is none.
    """
    if not 0 < part <= MOST_PARTS or not points:
        raise errors.OddStroke
    return {"stroke": judged_name(stroke), "part": part, "points": judged_points(points)}


def judged_points(points: Sequence[int]) -> list[int]:
    """Return points as they are kept: x, y and ms of each, the ms rising.

    Raises:
        OddStroke: there are halves of points, or some lie beside the page or go back in time.
    """
    if len(points) % 3:
        raise errors.OddStroke
    xs, ys, moments = points[0::3], points[1::3], points[2::3]
    if any(not 0 <= value <= FAR for value in (*xs, *ys)):
        raise errors.OddStroke
    if list(moments) != sorted(moments) or any(not 0 <= ms <= LONGEST_PART_MS for ms in moments):
        raise errors.OddStroke
    return list(points)


def judged_name(stroke: str) -> str:
    """Return the name of a stroke.

    Raises:
        OddStroke: no page of ours calls one so.
    """
    if not NAME.fullmatch(stroke):
        raise errors.OddStroke
    return stroke


def _judged_words(words: str) -> str:
    words = one_line(words) or ""
    if not words:
        raise errors.NoWords
    if len(words) > LONGEST_WORDS:
        raise errors.TooLong(len(words), LONGEST_WORDS)
    return words
