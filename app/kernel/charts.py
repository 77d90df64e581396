"""Small pictures of time, drawn on the server as SVG. Colours are classes; the style sheet knows them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from flask_babel import gettext as _
from markupsafe import Markup

Stretches = Sequence[tuple[int, int]]
"""Beginnings and ends, in ms, in order and without overlaps. The end does not belong to the stretch."""

WIDTH = 1000
"""Units of a picture's width. The page stretches the picture to the space that it has."""


PICTURE = (100, 56)
"""Width and height of a picture beneath a curve."""


@dataclass(frozen=True)
class Mark:
    """A part of a curve that leads somewhere: from its moment to the moment of the next one."""

    at_ms: int
    label: str
    """Words that a resting pointer shows."""
    url: str
    """Empty if the mark leads nowhere."""
    picture: str = ""
    """Address of a small picture; empty if there is none."""


def strip(programme: Stretches, watched: Stretches, label: str) -> Markup:
    """Draw when a person was there: the programme as a band, filled where she watched. `label` says it in words."""
    if not programme:
        return Markup()
    start, end = programme[0][0], programme[-1][1]
    bands = Markup().join(
        Markup('<rect class="{}" x="{}" width="{}" height="10"/>').format(name, *_span(one, start, end))
        for name, stretches in (("strip__programme", programme), ("strip__watched", watched))
        for one in stretches
        if one[1] > start and one[0] < end
    )
    return Markup(
        '<svg class="strip" viewBox="0 0 {} 10" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'
    ).format(WIDTH, label, bands)


class Crowd:
    """Presence of people, for looks at many moments."""

    def __init__(self, everybody: Sequence[Stretches]) -> None:
        """Take the stretches of each person."""
        self.everybody = everybody
        self._came = sorted([one[0] for stretches in everybody for one in stretches])
        self._went = sorted([one[1] for stretches in everybody for one in stretches])

    def at(self, moment_ms: int) -> int:
        """Return the number of people who were there at a moment (ms)."""
        return bisect_right(self._came, moment_ms) - bisect_right(self._went, moment_ms)

    def most(self) -> int:
        """Return the largest number of people who were there at the same moment."""
        most = gone = 0
        for came, moment_ms in enumerate(self._came, 1):
            while self._went[gone] <= moment_ms:  # who goes at a moment is gone before another one comes
                gone += 1
            most = max(most, came - gone)
        return most


def curve(programme: Stretches, crowd: Crowd, *, points: int = 240) -> tuple[Markup, int]:
    """Draw how many people watched at each moment of a lesson. Return the picture and the largest number."""
    if not programme:
        return Markup(), 0
    start, end = programme[0][0], programme[-1][1]
    step = max(1, -(-(end - start) // points))
    counts = _counts(crowd.everybody, start, step, points)
    highest, most = max(counts), crowd.most()
    height = 100
    line = " ".join(
        f"{min(WIDTH, number * step * WIDTH // max(1, end - start))},{height - count * height // max(1, highest)}"
        for number, count in enumerate(counts)
    )
    label = _("Viewers over time, at most %(count)d", count=most)
    picture = Markup(
        '<svg class="curve" viewBox="0 0 {w} {h}" preserveAspectRatio="none" role="img" aria-label="{label}">'
        '<polygon class="curve__area" points="0,{h} {line} {w},{h}"/></svg>'
    ).format(w=WIDTH, h=height, label=label, line=line)
    return picture, most


def _counts(everybody: Sequence[Stretches], start: int, step: int, points: int) -> list[int]:
    """Return how many people watched something of each step after `start` (epoch ms), of `step` ms."""
    changes = [0] * (points + 2)
    for stretches in everybody:
        next_free = 0  # two stretches of one person within a step count once
        for came, went in stretches:
            first, last = max(next_free, (came - start) // step), min(points, (went - 1 - start) // step)
            if first <= last:
                changes[first] += 1
                changes[last + 1] -= 1
                next_free = last + 1
    return list(accumulate(changes[: points + 1]))


def links(programme: Stretches, marks: Sequence[Mark]) -> Markup:
    """Draw the links over a curve: a band for each mark, to be pressed.

    They are for pointers. The page has the same links in words beneath, for keyboards and screen readers.
    """
    if not programme or not marks:
        return Markup()
    start, end = programme[0][0], programme[-1][1]
    ends = [*(mark.at_ms for mark in marks[1:]), end]
    bands = Markup().join(
        Markup(
            '<a href="{}" tabindex="-1"><rect class="curve__band" x="{}" width="{}" height="100">'
            "<title>{}</title></rect></a>"
        ).format(mark.url, *_span((mark.at_ms, max(mark.at_ms, until)), start, end), mark.label)
        for mark, until in zip(marks, ends, strict=True)
        if mark.at_ms < end
    )
    return Markup(
        '<svg class="curve" viewBox="0 0 {} 100" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
    ).format(WIDTH, bands)


def pictures(programme: Stretches, marks: Sequence[Mark]) -> Markup:
    """Draw the pictures of marks under a curve, each under its moment, as far as there is room.

    They are for pointers, as `links` are.
    """
    if not programme:
        return Markup()
    start, end = programme[0][0], programme[-1][1]
    wide, high = PICTURE
    drawn, free = [], 0.0
    for mark in marks:
        left = min(_span((mark.at_ms, end), start, end)[0], WIDTH - wide)
        if not mark.picture or left < free or mark.at_ms >= end:
            continue
        free = left + wide + 4
        image = Markup('<image href="{}" x="{}" width="{}" height="{}"><title>{}</title></image>').format(
            mark.picture, left, wide, high, mark.label
        )
        drawn.append(Markup('<a href="{}" tabindex="-1">{}</a>').format(mark.url, image) if mark.url else image)
    if not drawn:
        return Markup()
    return Markup('<svg class="curve__pictures" viewBox="0 0 {} {}" aria-hidden="true">{}</svg>').format(
        WIDTH, high, Markup().join(drawn)
    )


def _span(one: tuple[int, int], start: int, end: int) -> tuple[float, float]:
    scale = WIDTH / max(1, end - start)
    left = max(0.0, (one[0] - start) * scale)
    return round(left, 2), round(max(1.5, min(float(WIDTH), (one[1] - start) * scale) - left), 2)
