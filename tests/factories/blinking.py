"""A picture that turns white while a tone is heard, at regular moments; and reading from a file when they come."""

from __future__ import annotations

import subprocess
from array import array
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from tests.factories.recordings import FFMPEG

ON_S = 0.1
PER_S = 200
"""Moments in a second at which a file is looked at and heard."""
APART_S = 0.5
LOUD, BRIGHT = 1000, 150


def blinks(every_s: float) -> dict[str, str]:
    """Return the filters with which `run_of` blinks every so many seconds."""
    when = f"mod(t,{every_s}),{ON_S}"
    return {
        "picture": f"drawbox=c=white:t=fill:enable='lt({when})'",
        "sound": f"asetnsamples=240,volume=0:enable='gte({when})'",  # it is switched at the beginning of a frame only
    }


def beeps_of(file: Path, *, from_s: float = 0, length_s: float = 36_000) -> list[float]:
    """Return when tones begin, s from `from_s` in the file. Fails when ffmpeg warns of anything."""
    sound = ["-map", "0:a:0", "-af", "aresample=async=1:first_pts=0", "-ac", "1", "-ar", "8000", "-f", "s16le", "-"]
    heard, each = array("h", _read(file, from_s, length_s, sound)), 8000 // PER_S
    return onsets([max(map(abs, heard[at : at + each])) > LOUD for at in range(0, len(heard), each)])


def flashes_of(
    file: Path, *, spot: tuple[int, int] = (0, 0), from_s: float = 0, length_s: float = 36_000
) -> list[float]:
    """Return when a spot of the picture (px) turns white, s from `from_s` in the file."""
    look = f"crop=8:8:{spot[0]}:{spot[1]},scale=1:1:flags=area,format=gray,fps={PER_S}"
    seen = _read(file, from_s, length_s, ["-map", "0:v:0", "-vf", look, "-f", "rawvideo", "-"])
    return onsets([value > BRIGHT for value in seen])


def _read(file: Path, from_s: float, length_s: float, options: Sequence[str]) -> bytes:
    argv = [FFMPEG, "-v", "warning", "-ss", f"{from_s:.3f}", "-t", f"{length_s:.3f}", "-i", str(file), *options]
    done = subprocess.run(argv, check=True, capture_output=True)
    assert done.stderr == b"", done.stderr
    return done.stdout


def onsets(on: Sequence[bool]) -> list[float]:
    """Return when something begins that was off for a while, s."""
    found: list[float] = []
    for at, (before, now) in enumerate(pairwise([False, *on])):
        if now and not before and (not found or at / PER_S - found[-1] > APART_S):
            found.append(at / PER_S)
    return found
