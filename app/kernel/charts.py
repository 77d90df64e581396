"""Small pictures of time, drawn on the server as SVG. Colours are classes; the style sheet knows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from markupsafe import Markup

Stretches = Sequence[tuple[int, int]]
"""From and to, in ms, in order and without overlaps; the end does not belong to it."""

WIDTH = 1000
"""Units of a picture's width; it is stretched to the space that it has."""


PICTURE = (100, 56)
"""Width and height of a picture beneath a curve."""


@dataclass(frozen=True)
class Mark:
    """A part of a curve that leads somewhere: from its moment to the moment of the next one."""

    at_ms: int
    label: str
    """What a pointer that rests on it is told."""
    url: str
    """Empty if it leads nowhere."""
    picture: str = ""
    """Address of a small picture; empty if there is none."""


def strip(programme: Stretches, watched: Stretches, label: str) -> Markup:
    """Draw when somebody was there: the programme as a band, what she saw of it filled. `label` says it in words."""
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


def curve(programme: Stretches, everybody: Sequence[Stretches], *, points: int = 240) -> tuple[Markup, int]:
    """Draw how many people watched at each moment of a lesson; return the picture and the largest number."""
    if not programme:
        return Markup(), 0
    start, end = programme[0][0], programme[-1][1]
    step = max(1, -(-(end - start) // points))
    changes = [0] * (points + 2)
    for stretches in everybody:
        covered = -1
        for one in stretches:
            first = max(0, (one[0] - start) // step)
            last = min(points, (one[1] - 1 - start) // step)
            first = max(first, covered + 1)  # two stretches of one person within a step count once
            if first <= last:
                changes[first] += 1
                changes[last + 1] -= 1
                covered = last
    counts, here = [], 0
    for change in changes[: points + 1]:
        here += change
        counts.append(here)
    highest, most = max(counts), most_at_once(everybody)
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


def most_at_once(everybody: Sequence[Stretches]) -> int:
    """Return the largest number of people who were there at the same moment."""
    turns = sorted(
        turn for stretches in everybody for start, end in stretches for turn in ((start, 1), (end, -1))
    )  # who goes at a moment is gone before another one comes
    most = here = 0
    for _moment, change in turns:
        here += change
        most = max(most, here)
    return most


def links(programme: Stretches, marks: Sequence[Mark]) -> Markup:
    """Draw what lies over a curve: a band for each mark, to be pressed.

    It is for pointers. Whoever uses it puts the same links into words beneath, for keyboards and screen readers.
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
    """Draw what lies beneath a curve: the pictures of marks, each beneath its moment, as far as there is room.

    It is for pointers, as `links` is.
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
