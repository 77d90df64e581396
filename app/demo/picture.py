"""The picture of the generated lecture, drawn with filled boxes only, so that the machine needs no font.

A slide that changes every fifteen seconds, the wall clock in seven-segment digits, a row that fills through the minute,
a speaker with a level meter, and a pointer that wanders over the slide.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from app.demo import speech

WIDTH, HEIGHT, FPS = 1280, 720, 25
SLIDE_S = 15

GROUND, PAPER, LINE, INK, QUIET = "0x0e141b", "0xffffff", "0xdfe5ec", "0x1b2430", "0xc3ccd6"
ACCENTS = ("0x1f6feb", "0x1a7f4b", "0xb7791f", "0x64748b")
PANEL, CAMERA_GROUND, GLOW = "0x17202a", "0x223041", "0x9fd0ff"

SEGMENTS = ("abcefg", "cf", "acdeg", "acdfg", "bcdf", "abdfg", "abdefg", "acf", "abcdefg", "abcdfg")
"""Lit segments of each digit: a top, b and c upper left and right, d middle, e and f lower, g bottom."""


def graph(utc_offset_s: int) -> str:
    """Return the lavfi source of the picture. Its clock shows the time of day `utc_offset_s` east of Greenwich.

    While slide and clock are drawn, the times of frames are the time of day (s). Then they count from 0 again.
    """
    by_clock = chain(_paper(), _slides(), _clock(896, 96, 36, 72), _minute(896, 196))
    steps = (
        f"color=c={GROUND}:s={WIDTH}x{HEIGHT}:r={FPS},format=yuv420p",
        f"setpts='mod(RTCTIME/1000000+{utc_offset_s},86400)/TB'",
        *by_clock,
        f"setpts=N/({FPS}*TB)",
        *_level(896, 622),
    )
    camera = (
        f"color=c={CAMERA_GROUND}:s=312x352:r={FPS},format=yuv420p",
        *_speaker(),
        "noise=alls=7:allf=t",  # noise of a sensor; without it the encoder would have nothing to do
    )
    pointer = f"color=c=0xc8372d:s=14x14:r={FPS},format=yuv420p"
    return (
        f"{','.join(steps)}[slide];{','.join(camera)}[camera];{pointer}[pointer];"
        "[slide][camera]overlay=896:250[both];"
        "[both][pointer]overlay=x='400+260*sin(t*0.9)+60*sin(t*2.3)':y='390+150*sin(t*1.3+1)'"
    )


def _box(x: float, y: float, w: float, h: float, colour: str, when: str = "") -> str:
    enable = f":enable='{when}'" if when else ""
    return f"drawbox={x:.0f}:{y:.0f}:{w:.0f}:{h:.0f}:{colour}:fill{enable}"


def _paper() -> Iterator[str]:
    yield _box(48, 48, 800, 624, PAPER)
    yield _box(88, 168, 720, 2, LINE)
    yield _box(872, 48, 360, 624, PANEL)


def _slides() -> Iterator[str]:
    for number, shapes in enumerate((_bars, _points, _grid, _curve)):
        when = f"eq(mod(floor(t/{SLIDE_S}),4),{number})"
        accent = ACCENTS[number]
        yield _box(88, 96, 12, 44, accent, when)
        yield _box(120, 100, 300 + 70 * number, 36, INK, when)
        for x, y, w, h, colour in shapes(accent):
            yield _box(x, y, w, h, colour, when)


Shape = tuple[float, float, float, float, str]


def _bars(accent: str) -> Iterator[Shape]:
    for number, height in enumerate((120, 190, 150, 260, 310, 280, 380)):
        yield 110 + number * 100, 620 - height, 64, height, accent if number == 6 else QUIET


def _points(accent: str) -> Iterator[Shape]:
    for number, width in enumerate((520, 610, 440, 560, 380)):
        yield 96, 214 + number * 84, 20, 20, accent
        yield 140, 210 + number * 84, width, 28, QUIET


def _grid(accent: str) -> Iterator[Shape]:
    for row in range(4):
        for column in range(6):
            yield 100 + column * 118, 200 + row * 106, 102, 90, accent if (row * 5 + column * 3) % 7 == 0 else LINE


def _curve(accent: str) -> Iterator[Shape]:
    yield 100, 620, 700, 4, INK
    yield 100, 210, 4, 414, INK
    for number in range(24):
        x = number / 23
        yield 116 + 660 * x, 590 - 360 * x * x * (3 - 2 * x), 20, 10, accent


def _clock(x: int, y: int, w: int, h: int) -> Iterator[str]:
    """Yield six digits of w times h pixels with two colons: hours, minutes, seconds."""
    places = ((36000, 3), (3600, 10), (600, 6), (60, 10), (10, 6), (1, 10))
    for place, (unit_s, base) in enumerate(places):
        left = x + place * (w + 10) + place // 2 * 18
        digit = f"mod(floor(t/{unit_s}),{base})" if place != 1 else "mod(floor(t/3600),10)"
        if place in (2, 4):
            yield _box(left - 19, y + h / 3, 8, 8, GLOW)
            yield _box(left - 19, y + 2 * h / 3, 8, 8, GLOW)
        yield from _digit(left, y, w, h, digit)


def _digit(x: float, y: float, w: float, h: float, digit: str) -> Iterator[str]:
    thick = 8
    half = (h - thick) / 2
    strokes = {
        "a": (x, y, w, thick),
        "b": (x, y, thick, half + thick),
        "c": (x + w - thick, y, thick, half + thick),
        "d": (x, y + half, w, thick),
        "e": (x, y + half, thick, half + thick),
        "f": (x + w - thick, y + half, thick, half + thick),
        "g": (x, y + h - thick, w, thick),
    }
    for name, (left, top, width, height) in strokes.items():
        lit = sum(1 << value for value, segments in enumerate(SEGMENTS) if name in segments)
        yield _box(left, top, width, height, GLOW, f"mod(floor({lit}/pow(2,{digit})),2)")


def _minute(x: int, y: int) -> Iterator[str]:
    """Yield thirty marks, one more every two seconds."""
    for number in range(30):
        yield _box(x + number * 10.4, y, 7, 10, PANEL if number % 5 else "0x2b3947")
        yield _box(x + number * 10.4, y, 7, 10, ACCENTS[0], f"gte(mod(t,60),{number * 2})")


def _speaker() -> Iterator[str]:
    """Yield head and shoulders in a picture of 312 times 352 pixels. The mouth moves with the voice."""
    for top, half in ((0, 26), (8, 40), (20, 50), (36, 56), (92, 50), (108, 40), (120, 26)):
        yield _box(156 - half, 60 + top, 2 * half, 72 if top == 36 else 18, "0xd9b48f")
    for top, half in ((-8, 34), (0, 48), (12, 56), (24, 60)):
        yield _box(156 - half, 60 + top, 2 * half, 14, "0x2a2220")
    yield _box(100, 90, 10, 36, "0x2a2220")
    yield _box(202, 90, 10, 36, "0x2a2220")
    for left in (128, 172):
        yield _box(left, 116, 12, 8, "0x2a2220", "gt(mod(t,3.7),0.16)")
    yield _box(136, 190, 40, 40, "0xc9a37e")
    for top, half in ((0, 70), (14, 94), (30, 110)):
        yield _box(156 - half, 226 + top, 2 * half, 126 - top, "0x3b5b7d")
    yield _box(142, 162, 28, 4, "0x8f5f4a")
    yield _box(142, 160, 28, 10, "0x7a3b35", f"gt({speech.loudness()},0.3)")


def _level(x: int, y: int) -> Iterator[str]:
    """Yield twelve lamps that follow the voice."""
    for number in range(12):
        yield _box(x + number * 26, y, 20, 16, "0x2b3947")
        yield _box(x + number * 26, y, 20, 16, "0x35b878", f"gt({speech.loudness()},{(number + 0.5) / 12:.3f})")
