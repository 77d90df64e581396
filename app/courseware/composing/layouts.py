"""Places of slides and video in a composed picture. Pure; imports nothing of the app."""

from __future__ import annotations

from dataclasses import dataclass

LAYOUTS = ("slides", "side", "pip")
"""Slides large with the video in a strip beside them; side by side; the video in a corner of the slides."""
HEIGHTS = (720, 1080)
"""Heights of the picture to choose from, px; it is 16:9."""


@dataclass(frozen=True)
class Box:
    """A rectangle in px."""

    x: int
    y: int
    width: int
    height: int

    def fit(self, ratio: float) -> Box:
        """Return the largest box of this shape (height by width) in the middle of it, with even sides."""
        width = min(self.width, self.height / ratio)
        across, down = max(2, 2 * round(width / 2)), max(2, 2 * round(width * ratio / 2))
        return Box(self.x + (self.width - across) // 2, self.y + (self.height - down) // 2, across, down)


@dataclass(frozen=True)
class Layout:
    """The boxes of a picture."""

    width: int
    height: int
    slides: Box
    video: Box
    words: Box | None
    """Room for the title of the lesson."""


def layout_of(name: str, height: int) -> Layout:
    """Return a layout at a height of the picture."""
    width = 2 * round(height * 16 / 9 / 2)
    part, gap = height // 8, height // 45
    if name == "side":
        half = width // 2
        return Layout(width, height, Box(0, 0, half, height), Box(half, 0, half, height), None)
    if name == "pip":
        wide, high = 9 * width // 40, 9 * height // 40
        corner = Box(width - wide - gap, height - high - gap, wide, high)
        return Layout(width, height, Box(0, 0, width, height), corner, None)
    slides = Box(0, 0, width * 3 // 4, height)
    strip = Box(slides.width, part, width - slides.width, width // 4 * 9 // 16)
    words = Box(strip.x + gap, strip.y + strip.height + gap, strip.width - 2 * gap, height // 2)
    return Layout(width, height, slides, strip, words)
