"""A steady tone for a microphone, and a check of its recording: was a piece left out, was one put in?

Each window of sound is compared with the tone itself. Silence is a window without it. A piece that is left out or
played twice shifts the phase of the tone from one window to the next. The frequency is such that the packets of sound
(20 or 60 ms of Opus, 1024 samples of AAC) hold no whole number of its waves.
"""

from __future__ import annotations

import cmath
import math
import struct
import subprocess
import sys
import wave
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path
from statistics import median

from tests.journeys.browsers import TONE_HZ
from tests.journeys.publisher import FFMPEG
from tests.journeys.recording import Recording
from tests.journeys.stack import Lesson

RATE_HZ = 48_000
HEARD_HZ = 8000
WINDOW = HEARD_HZ // 100
WINDOW_MS = 10
SILENT = 0.25
"""Share of the usual tone below which a window is silent."""
SLIP = math.radians(45)
"""A piece of 20 ms too few or too many turns the phase by 65 degrees, keeping pace with another clock by 30 at most."""


@dataclass(frozen=True)
class Heard:
    """The tone between two moments."""

    seconds: float
    silence_ms: int
    """The longest one."""
    slips: int
    """Number of pieces left out or put in."""


def microphone(file: Path) -> list[str]:
    """Return Chromium's arguments for a microphone that hears only the tone, which must not pass for noise."""
    waves = (round(12_000 * math.sin(2 * math.pi * TONE_HZ * at / RATE_HZ)) for at in range(RATE_HZ))
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(b"".join(struct.pack("<h", one) for one in waves))
    return [f"--use-file-for-fake-audio-capture={file}"]


def windows_of(lesson: Lesson, work: Path, hz: float = TONE_HZ) -> list[tuple[float, complex]]:
    """Return strength and phase of the tone in a recording every 10 ms, with its publisher.now_ms."""
    found = []
    for start_ms, file in Recording(lesson).parts(work):
        for number, value in enumerate(_windows(file, hz)):
            found.append((start_ms + number * WINDOW_MS, value))
    return found


def heard(windows: list[tuple[float, complex]], since: float = -math.inf, until: float = math.inf) -> Heard:
    """Judge the tone between two moments (ms, see publisher.now_ms)."""
    values = [value for at, value in windows if since <= at < until]
    assert values, "there is no sound at all"
    usual = median(abs(one) for one in values)
    silent = [abs(one) < SILENT * usual for one in values]
    silences = [len(list(run)) for is_silent, run in groupby(silent) if is_silent]
    turns = [abs(cmath.phase(after / before)) for before, after in pairwise(_steady(values, silent))]
    slips = sum(is_slip and not was for was, is_slip in pairwise([False, *(turn > SLIP for turn in turns)]))
    return Heard(len(values) * WINDOW_MS / 1000, max(silences, default=0) * WINDOW_MS, slips)


def _steady(values: list[complex], silent: list[bool]) -> Iterator[complex]:
    return (value for value, is_silent in zip(values, silent, strict=True) if not is_silent)


def _windows(file: Path, hz: float) -> Iterator[complex]:
    turn = [cmath.exp(-2j * math.pi * hz * at / HEARD_HZ) for at in range(HEARD_HZ)]  # whole waves in a second
    samples = _samples(file)
    for at in range(0, len(samples) - WINDOW + 1, WINDOW):
        yield sum(samples[at + one] * turn[(at + one) % HEARD_HZ] for one in range(WINDOW))


def _samples(file: Path) -> array[int]:
    """Return decoded sound, with silence where a player would have to wait."""
    argv = [FFMPEG, "-hide_banner", "-nostdin", "-v", "error", "-i", str(file), "-map", "0:a:0", "-ac", "1"]
    argv += ["-af", f"aresample={HEARD_HZ}:async=1:min_hard_comp=0.015", "-f", "s16le", "-"]
    done = subprocess.run(argv, capture_output=True, check=True, timeout=240)
    samples = array("h", done.stdout)
    if sys.byteorder == "big":
        samples.byteswap()
    return samples
