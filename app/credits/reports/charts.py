"""Small pictures of time, drawn on the server as SVG. Colours are classes; the style sheet knows them."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from markupsafe import Markup

from app.credits.counting.stretches import Stretches, length_ms
from app.kernel import web

WIDTH = 1000
"""Units of a picture's width; it is stretched to the space that it has."""


def strip(programme: Stretches, watched: Stretches) -> Markup:
    """Draw when somebody watched a lesson: the programme as a band, what she watched of it filled."""
    if not programme:
        return Markup()
    start, end = programme[0][0], programme[-1][1]
    label = _(
        "%(watched)s of %(programme)s watched",
        watched=web.as_clock(length_ms(watched)),
        programme=web.as_clock(length_ms(programme)),
    )
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
    most = max(counts)
    height = 100
    line = " ".join(
        f"{min(WIDTH, number * step * WIDTH // max(1, end - start))},{height - count * height // max(1, most)}"
        for number, count in enumerate(counts)
    )
    label = _("Viewers over time, at most %(count)d", count=most)
    picture = Markup(
        '<svg class="curve" viewBox="0 0 {w} {h}" preserveAspectRatio="none" role="img" aria-label="{label}">'
        '<polygon class="curve__area" points="0,{h} {line} {w},{h}"/></svg>'
    ).format(w=WIDTH, h=height, label=label, line=line)
    return picture, most


def place_of(moment_ms: int, programme: Stretches) -> float:
    """Return how far along a lesson's picture a moment lies, in percent."""
    start, end = programme[0][0], programme[-1][1]
    return round(max(0.0, min(100.0, (moment_ms - start) * 100 / max(1, end - start))), 2)


def _span(one: tuple[int, int], start: int, end: int) -> tuple[float, float]:
    scale = WIDTH / max(1, end - start)
    left = max(0.0, (one[0] - start) * scale)
    return round(left, 2), round(max(1.5, min(float(WIDTH), (one[1] - start) * scale) - left), 2)
