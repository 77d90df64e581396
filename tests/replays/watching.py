"""Pictures and sounds of an MP4 with their times, found by decoding it."""

from __future__ import annotations

import array
import re
import subprocess
from pathlib import Path

from tests.factories.recordings import FFMPEG

DARKEST, STEP = 20, 18
"""Brightness of a test picture at the beginning, and its increase each second."""
RAMP = f"geq=lum='{DARKEST}+{STEP}*T':cb=128:cr=128"
BEEPS = "volume='if(lt(mod(t,1),0.1),1,0)':eval=frame"
"""A beep at each full second of a run."""
RATE, LOUD = 8000, 500


def pictures_of(file: Path) -> list[tuple[float, float]]:
    """Return for each picture the time of showing (s), and the time in its run (s), by the brightness of its middle."""
    argv = [FFMPEG, "-hide_banner", "-nostdin", "-i", str(file), "-map", "0:v:0"]
    argv += ["-vf", "crop=trunc(iw/8)*2:trunc(ih/8)*2,format=yuv420p,showinfo", "-fps_mode", "passthrough"]
    told = subprocess.run([*argv, "-f", "null", "-"], capture_output=True, text=True, check=True).stderr
    found = re.findall(r"pts_time:([\d.]+).*?mean:\[(\d+) ", told)
    return [(float(at), (int(mean) - DARKEST) / STEP) for at, mean in found]


def beeps_of(file: Path) -> list[float]:
    """Return the beginnings of beeps (s) in a player that plays one frame after another and ignores their times."""
    argv = [FFMPEG, "-v", "error", "-i", str(file), "-map", "0:a:0", "-ac", "1", "-ar", str(RATE), "-f", "s16le", "-"]
    samples = array.array("h", subprocess.run(argv, capture_output=True, check=True).stdout)
    found, loud_at = [], -RATE
    for number, value in enumerate(samples):
        if abs(value) > LOUD:
            if number - loud_at > RATE // 4:
                found.append(number / RATE)
            loud_at = number
    return found


def complaints_about(file: Path) -> str:
    """Return a decoder's complaints about the whole file."""
    argv = [
        FFMPEG,
        "-v",
        "warning",
        "-xerror",
        "-i",
        str(file),
        "-fps_mode",
        "passthrough",
        "-enc_time_base",
        "1:90000",
    ]
    return subprocess.run([*argv, "-f", "null", "-"], capture_output=True, text=True, check=False).stderr


def described(file: Path) -> str:
    """Return ffmpeg's description of the tracks of the file."""
    argv = [FFMPEG, "-hide_banner", "-i", str(file)]
    return subprocess.run(argv, capture_output=True, text=True, check=False).stderr
