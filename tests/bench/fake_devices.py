"""Chromium's fake camera and microphone show the time and beep in step: which picture belongs to which beep?

The camera (media/capture/video/fake_video_capture_device.cc) shows how long it has been open in four squares at its
corners, whose brightness rises with the time and begins again every 5 s. It gives a picture every 50 ms, and with
those of 450, 950, 1450 … ms it lets the microphone beep (media/audio/fake_audio_input_stream.cc) for 20 ms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from tests.bench.table import percentile

IN_STEP = (
    "--disable-features=AudioServiceOutOfProcess,AudioServiceSandbox",
    "--enable-features=RunVideoCaptureServiceInBrowserProcess",
)
"""Camera and microphone know of each other only within one process; a microphone on its own beeps when it likes."""

PICTURE_MS = 50
BEEP_EVERY_MS = 500
CYCLE_MS = 5000
OWN_MS = 5
"""So much is a beep behind its picture as they leave the devices: it is in the next 10 ms that the microphone gives."""

WIDTH, HEIGHT = 160, 90
"""Size to which pictures are shrunk; only their green is read, since there is nothing else in them."""
SIDE = WIDTH // 16
SQUARES = ((0, 0), (WIDTH - SIDE, 0), (0, HEIGHT - SIDE), (WIDTH - SIDE, HEIGHT - SIDE))
GROUND = (40, 45)
"""Nothing is drawn here: it is as dark as a square at its darkest."""
POINTS = (*((left + SIDE // 2, top + SIDE // 2) for left, top in SQUARES), GROUND)
"""Where a picture is read: the four pixels to either side of these."""
BRIGHTEST = 102
"""A square that is brighter, of 256, looks no different: the camera's green is out of range from there on."""
SPOILT = 0.1
"""Nothing is worse about one corner than this: the other three say what the time is."""


@dataclass(frozen=True)
class Picture:
    """When a picture is shown, and the time that it shows (0 to 5000), in ms."""

    at_ms: float
    time_ms: int


def corners_of(time_ms: float) -> tuple[float, ...]:
    """Give how bright the four squares are at a time of the camera, 0 (as the ground) to 1."""
    return tuple(_brightness(time_ms, *square) for square in SQUARES)


def _brightness(time_ms: float, left: int, top: int) -> float:
    """Brightness in the middle of a square, which becomes brighter from its upper left to its lower right."""
    middle = range(SIDE // 2 - 2, SIDE // 2 + 2)
    values = [_value(time_ms, left + x, top + y) for x in middle for y in middle]
    return sum(min(one, BRIGHTEST) for one in values) / len(values) / BRIGHTEST


def _value(time_ms: float, x: int, y: int) -> float:
    return (256 * time_ms / CYCLE_MS + 256 * (x + y) / (WIDTH + HEIGHT)) % 256


@cache
def _all_corners() -> tuple[tuple[int, tuple[float, ...]], ...]:
    return tuple((time_ms, corners_of(time_ms)) for time_ms in range(0, CYCLE_MS, PICTURE_MS))


def times_of(looks: Sequence[Sequence[float]]) -> list[int]:
    """Give the time (ms) that each of a number of pictures shows.

    Args:
        looks: of each picture the green of its four corners and of its ground.
    """
    top = max(max(corners) for *corners, _ in looks)
    return [_time_of([(one - ground) / (top - ground) for one in corners]) for *corners, ground in looks]


def _time_of(corners: Sequence[float]) -> int:
    def strangeness(one: tuple[int, tuple[float, ...]]) -> float:
        return sum(min(abs(seen - due), SPOILT) for seen, due in zip(corners, one[1], strict=True))

    return min(_all_corners(), key=strangeness)[0]


def beeps_after_pictures(pictures: Sequence[Picture], beeps: Sequence[float]) -> list[float]:
    """Give for each beep how much later (ms) it is than the picture with which it belongs, where that is there."""
    marks = [
        after.at_ms
        for before, after in pairwise(pictures)
        if after.time_ms % BEEP_EVERY_MS == BEEP_EVERY_MS - PICTURE_MS and before.time_ms != after.time_ms
    ]
    found = []
    for beep in beeps:
        nearest = min(marks, key=lambda mark: abs(mark - beep), default=beep + BEEP_EVERY_MS)
        if abs(nearest - beep) < BEEP_EVERY_MS / 2:
            found.append(beep - nearest)
    return found


def middle_of(offsets: Sequence[float]) -> float:
    """Give the median, less what the devices themselves are out of step, in ms."""
    return percentile(offsets, 50) - OWN_MS
