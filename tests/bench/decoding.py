"""Decodes a file, and tells when its pictures are shown and its beeps are heard."""

from __future__ import annotations

import array
import re
import subprocess
from pathlib import Path

from tests.bench import fake_devices
from tests.bench.fake_devices import HEIGHT, POINTS, WIDTH, Picture
from tests.journeys.publisher import FFMPEG

LOUD = 4000
QUIET_MS = 250


def pts_of(file: Path, track: str) -> list[float]:
    """Return the presentation time of each packet, in ms by the file."""
    argv = [
        *(FFMPEG, "-v", "error", "-copyts", "-i", str(file), "-map", f"0:{track}:0"),
        *("-c", "copy", "-f", "framecrc", "-"),
    ]
    lines = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()
    top, bottom = next(line.split()[2] for line in lines if line.startswith("#tb")).split("/")
    return [int(line.split(",")[2]) * 1000 * int(top) / int(bottom) for line in lines if not line.startswith("#")]


def pictures_of(file: Path) -> list[Picture]:
    """Return the pictures of a fake camera with their presentation times."""
    look = f"scale={WIDTH}:{HEIGHT}:flags=area,format=gbrp,extractplanes=g"
    argv = [
        *(FFMPEG, "-v", "error", "-i", str(file), "-map", "0:v:0", "-vf", look),
        *("-fps_mode", "passthrough", "-f", "rawvideo", "-"),
    ]
    pixels = subprocess.run(argv, capture_output=True, check=True).stdout
    size = WIDTH * HEIGHT
    looks = [_look(pixels[at : at + size]) for at in range(0, len(pixels), size)]
    return [Picture(*one) for one in zip(pts_of(file, "v"), fake_devices.times_of(looks), strict=True)]


def _look(pixels: bytes) -> list[float]:
    return [
        sum(pixels[(y + down) * WIDTH + x + right] for down in range(-2, 2) for right in range(-2, 2)) / 16
        for x, y in POINTS
    ]


def beeps_of(file: Path) -> list[float]:
    """Return the beginnings of beeps, in ms by the file. A gap between two frames of sound stays a gap."""
    shape = "aformat=sample_fmts=s16:channel_layouts=mono,ashowinfo"
    argv = [
        FFMPEG,
        "-hide_banner",
        "-nostats",
        "-copyts",
        "-i",
        str(file),
        "-map",
        "0:a:0",
        "-af",
        shape,
        "-f",
        "s16le",
        "-",
    ]
    done = subprocess.run(argv, capture_output=True, check=True)
    samples, at, heard, found = array.array("h", done.stdout), 0, float("-inf"), []
    for pts_s, rate, count in re.findall(rb"pts_time:(\S+) .* rate:(\d+) nb_samples:(\d+)", done.stderr):
        for number in range(at, at + int(count)):
            if abs(samples[number]) > LOUD:
                now = 1000 * (float(pts_s) + (number - at) / int(rate))
                if now - heard > QUIET_MS:
                    found.append(now)
                heard = now
        at += int(count)
    assert at == len(samples), "frames of sound and their times do not belong together"
    return found[1:]  # the first one may be cut
