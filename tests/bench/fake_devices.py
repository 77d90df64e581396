"""Matches pictures and beeps of Chromium's fake camera and microphone, which show the time and beep in step.

The camera (media/capture/video/fake_video_capture_device.cc) shows how long it has been open in four squares at its
corners, whose brightness rises with the time and begins again every 5 s. It makes a picture every 50 ms, and with
those of 450, 950, 1450 … ms it makes the microphone beep (media/audio/fake_audio_input_stream.cc) for 20 ms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

IN_STEP = (
    "--disable-features=AudioServiceOutOfProcess,AudioServiceSandbox",
    "--enable-features=RunVideoCaptureServiceInBrowserProcess",
)
"""Camera and microphone know of each other only within one process. A microphone on its own beeps when it likes."""

PICTURE_MS = 50
BEEP_EVERY_MS = 500
CYCLE_MS = 5000
OWN_MS = 5
"""Delay of a beep after its picture at the devices: it is in the microphone's next 10 ms."""

WIDTH, HEIGHT = 160, 90
"""Size to which pictures are shrunk. Only their green is read, since they have no other colour."""
SIDE = WIDTH // 16
SQUARES = ((0, 0), (WIDTH - SIDE, 0), (0, HEIGHT - SIDE), (WIDTH - SIDE, HEIGHT - SIDE))
GROUND = (40, 45)
"""A place without a drawing, as dark as a square at its darkest."""
POINTS = (*((left + SIDE // 2, top + SIDE // 2) for left, top in SQUARES), GROUND)
"""Places at which a picture is read: the four pixels to either side of these."""
BRIGHTEST = 102
"""Maximum brightness, of 256, of a square that can be read. Above it the camera's green is out of range."""
SPOILT = 0.1
"""Error above which one corner is spoilt. The other three tell the time."""


@dataclass(frozen=True)
class Picture:
    """Presentation time of a picture, and the time that it shows (0 to 5000), in ms."""

    at_ms: float
    time_ms: int


def corners_of(time_ms: float) -> tuple[float, ...]:
    """Return the brightness of the four squares at a time of the camera, from 0 (as the ground) to 1."""
    return tuple(_brightness(time_ms, *square) for square in SQUARES)


def _brightness(time_ms: float, left: int, top: int) -> float:
    """Return the brightness in the middle of a square, which rises from its upper left to its lower right."""
    middle = range(SIDE // 2 - 2, SIDE // 2 + 2)
    values = [_value(time_ms, left + x, top + y) for x in middle for y in middle]
    return sum(min(one, BRIGHTEST) for one in values) / len(values) / BRIGHTEST


def _value(time_ms: float, x: int, y: int) -> float:
    return (256 * time_ms / CYCLE_MS + 256 * (x + y) / (WIDTH + HEIGHT)) % 256


@cache
def _all_corners() -> tuple[tuple[int, tuple[float, ...]], ...]:
    return tuple((time_ms, corners_of(time_ms)) for time_ms in range(0, CYCLE_MS, PICTURE_MS))


def times_of(looks: Sequence[Sequence[float]]) -> list[int]:
    """Return the time (ms) that each picture shows.

    Args:
        looks: green of the four corners and of the ground of each picture.
    """
    top = max(max(corners) for *corners, _ in looks)
    return [_time_of([(one - ground) / (top - ground) for one in corners]) for *corners, ground in looks]


def _time_of(corners: Sequence[float]) -> int:
    def strangeness(one: tuple[int, tuple[float, ...]]) -> float:
        return sum(min(abs(seen - due), SPOILT) for seen, due in zip(corners, one[1], strict=True))

    return min(_all_corners(), key=strangeness)[0]


def beeps_after_pictures(pictures: Sequence[Picture], beeps: Sequence[float]) -> list[float]:
    """Return the delay (ms) of each beep after its picture, if the picture is there."""
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
