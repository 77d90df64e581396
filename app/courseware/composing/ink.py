"""Strokes as `static/js/lib/strokes.js` and `static/css/ui/slide.css` show them, drawn by Pillow.

The program that draws imports it, so it imports nothing of the app.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageColor, ImageDraw, ImageFont

from app.courseware.composing.stage import Spot, Stroke

ACROSS = 10_000
FINE = 3
"""Lines are drawn this many times larger and then made small, so that they are smooth."""
STEPS = 6
"""Pieces of a curve between two points."""
HALO_UNITS = 24
COLOURS = {
    "red": "#c81e1e",
    "blue": "#1d4ed8",
    "green": "#15803d",
    "amber": "#b45309",
    "black": "#111111",
    "white": "#ffffff",
}
"""Inks of static/css/tokens.css."""
YELLOW = "#ffc400"
LIGHT, DARK = ("#ffffff", 0.75), ("#111111", 0.65)
"""Halos, which keep an ink off pictures of its own colour."""
WIDE = re.compile(r"[⺀-￯]")
PIECES = re.compile(r"[⺀-￯]|[^\s⺀-￯]+|\s")
LETTER = 0.55
"""Width of a letter that is not Chinese, in heights."""

Point = tuple[float, float]


def draw(sheet: Image.Image, stroke: Stroke, font: Path) -> None:
    """Draw a stroke onto the picture of a page, which it fills."""
    unit = sheet.width / ACROSS
    ratio = sheet.height / sheet.width
    colour = COLOURS.get(stroke.colour, COLOURS["red"])
    halo = DARK if stroke.colour == "white" else LIGHT
    if stroke.tool == "text":
        _write(sheet, stroke, colour, halo, font)
        return
    path = [(x, y * ratio) for x, y in stroke.points]
    width = stroke.width * 10.0
    if stroke.tool == "highlighter":
        is_yellow = stroke.colour == "amber"
        _lay(sheet, [_curve(path)], 4 * width * unit, (YELLOW if is_yellow else colour, 0.5 if is_yellow else 0.42))
        return
    lines = SHAPES.get(stroke.tool, _freehand)(path, width)
    _lay(sheet, lines, (width + HALO_UNITS) * unit, halo)
    _lay(sheet, lines, width * unit, (colour, 1.0))


def point(sheet: Image.Image, spot: Spot) -> None:
    """Draw the pointer."""
    dot, opacity = _dot(max(22, round(sheet.width * 0.0256)))
    x, y = round(spot[0] * sheet.width / ACROSS), round(spot[1] * sheet.height / ACROSS)
    sheet.paste(dot, (x - dot.width // 2, y - dot.height // 2), opacity)


@lru_cache(maxsize=4)
def _dot(across: int) -> tuple[Image.Image, Image.Image]:
    opacity = Image.new("L", (across, across))
    for y in range(across):
        for x in range(across):
            out = 2 * math.hypot(x - (across - 1) / 2, y - (across - 1) / 2) / across
            opacity.putpixel((x, y), round(255 * _fading(out)))
    return Image.new("RGB", opacity.size, (255, 60, 48)), opacity


def _fading(out: float) -> float:
    """Return the opacity of the pointer at a distance from its middle, as in `.slide__pointer`."""
    stops = ((0.30, 0.95), (0.55, 0.45), (0.72, 0.0))
    if out <= stops[0][0]:
        return stops[0][1]
    for (near, strong), (far, weak) in pairwise(stops):
        if out <= far:
            return strong + (weak - strong) * (out - near) / (far - near)
    return 0.0


def _lay(sheet: Image.Image, lines: Sequence[Sequence[Point]], thick: float, ink: tuple[str, float]) -> None:
    """Lay lines of one ink onto the sheet; where they cross, it is no darker."""
    unit, reach = sheet.width / ACROSS, thick / 2 + 2
    spots = [(x * unit, y * unit) for line in lines for x, y in line]
    left, top = (max(0, math.floor(min(side) - reach)) for side in zip(*spots, strict=True))
    right = min(sheet.width, math.ceil(max(x for x, _y in spots) + reach))
    bottom = min(sheet.height, math.ceil(max(y for _x, y in spots) + reach))
    if right <= left or bottom <= top:
        return
    mask = Image.new("L", (FINE * (right - left), FINE * (bottom - top)))
    pen = ImageDraw.Draw(mask)
    radius = max(0.6, thick * FINE / 2)
    for line in lines:
        at = [(FINE * (x * unit - left), FINE * (y * unit - top)) for x, y in line]
        if len(at) > 1:
            pen.line(at, fill=255, width=max(1, round(2 * radius)))
        for x, y in at:
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    mask = mask.reduce(FINE)
    colour, opacity = ink
    if opacity < 1:
        mask = mask.point([round(shade * opacity) for shade in range(256)])
    sheet.paste(ImageColor.getrgb(colour), (left, top, left + mask.width, top + mask.height), mask)


def _curve(points: Sequence[Point]) -> list[Point]:
    """Return a smooth line from middle to middle, pulled by each point: `curveThrough` in pieces."""
    if len(points) < 3:
        return list(points)
    line = [points[0]]
    at = points[0]
    for pull, following in pairwise(points[1:]):
        to = ((pull[0] + following[0]) / 2, (pull[1] + following[1]) / 2)
        for step in range(1, STEPS + 1):
            t = step / STEPS
            a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
            line.append((a * at[0] + b * pull[0] + c * to[0], a * at[1] + b * pull[1] + c * to[1]))
        at = to
    return [*line, points[-1]]


def _freehand(points: Sequence[Point], _width: float) -> list[list[Point]]:
    return [_curve(points)]


def _rectangle(points: Sequence[Point], _width: float) -> list[list[Point]]:
    (x1, y1), (x2, y2) = points[0], points[-1]
    return [[(x1, y1), (x2, y1), (x2, y2), (x1, y2), (x1, y1)]]


def _ellipse(points: Sequence[Point], _width: float) -> list[list[Point]]:
    (x1, y1), (x2, y2) = points[0], points[-1]
    middle, half = ((x1 + x2) / 2, (y1 + y2) / 2), (abs(x2 - x1) / 2, abs(y2 - y1) / 2)
    turns = [2 * math.pi * step / 96 for step in range(97)]
    return [[(middle[0] + half[0] * math.cos(turn), middle[1] + half[1] * math.sin(turn)) for turn in turns]]


def _line(points: Sequence[Point], _width: float) -> list[list[Point]]:
    return [[points[0], points[-1]]]


def _arrow(points: Sequence[Point], width: float) -> list[list[Point]]:
    (x1, y1), (x2, y2) = points[0], points[-1]
    length = min(math.hypot(x2 - x1, y2 - y1), 120 + 3 * width)
    turn = math.atan2(y2 - y1, x2 - x1) + math.pi
    ends = [(x2 + length * math.cos(turn + side), y2 + length * math.sin(turn + side)) for side in (0.45, -0.45)]
    return [[(x1, y1), (x2, y2)], [ends[0], (x2, y2), ends[1]]]


SHAPES: dict[str, Callable[[Sequence[Point], float], list[list[Point]]]] = {
    "rectangle": _rectangle,
    "ellipse": _ellipse,
    "line": _line,
    "arrow": _arrow,
}


def _write(sheet: Image.Image, stroke: Stroke, colour: str, halo: tuple[str, float], font: Path) -> None:
    unit = sheet.width / ACROSS
    height = (18 + 3 * stroke.width) * 10
    x, y = stroke.points[0]
    letters = lettering(font, max(6, round(height * unit)))
    layer = Image.new("RGBA", sheet.size)
    pen = ImageDraw.Draw(layer)
    for number, line in enumerate(lines_of(stroke.words, max(4, (ACROSS - x) / height))):
        at = (x * unit, y * sheet.height / ACROSS + height * unit * (0.9 + 1.3 * number))
        around = (*ImageColor.getrgb(halo[0]), round(255 * halo[1]))
        pen.text(at, line, colour, letters, "ls", stroke_width=max(1, round(HALO_UNITS * unit / 2)), stroke_fill=around)
        pen.text(at, line, colour, letters, "ls")
    sheet.paste(layer, mask=layer)


@lru_cache(maxsize=32)
def lettering(font: Path, size: int) -> ImageFont.FreeTypeFont:
    """Return a font in a size, px."""
    return ImageFont.truetype(font, size)


def lines_of(words: str, room: float) -> list[str]:
    """Return words as lines that fit into `room`, in heights of a letter: `linesOf`."""
    lines = []
    for paragraph in words.split("\n"):
        line, length = "", 0.0
        for piece in PIECES.findall(paragraph):
            wide = 1.0 if WIDE.match(piece) else len(piece) * LETTER
            if line and length + wide > room:
                lines.append(line.rstrip())
                line, length = "", 0.0
            if line or piece != " ":
                line, length = line + piece, length + wide
        lines.append(line)
    return lines
