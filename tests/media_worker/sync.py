"""A lecture that tells its own time by a flash and a beep each second, and their distance in its recording."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.media_worker.world import FFMPEG, takes

LIT_S = 0.2
_PICTURE = f"color=black:s=320x180:r=25,drawbox=c=white:t=fill:enable='lt(mod(t,1),{LIT_S})'"
_SOUND = f"aevalsrc='if(lt(mod(t,1),{LIT_S}),0.5*sin(2*PI*1000*t),0)':s={{rate}}"


def make(path: Path, video: list[str], audio: list[str], *, seconds: float, rate: int = 48000) -> bytes:
    """Return an FLV file with a flash and a beep at the beginning of each second."""
    inputs = ["-f", "lavfi", "-i", _PICTURE, "-f", "lavfi", "-i", _SOUND.format(rate=rate)]
    argv = [FFMPEG, "-v", "error", *inputs, "-t", str(seconds), *video, *audio, "-f", "flv", "-y", str(path)]
    subprocess.run(argv, check=True)
    return path.read_bytes()


def flashes_and_beeps(folder: Path, name: str = "full/source.m3u8") -> list[tuple[list[float], list[float]]]:
    """Return for each take the beginnings (s) of flashes and beeps, both on the clock of its segments."""
    found = []
    for data in takes(folder, (folder / name).read_text()):
        filters = ["-vf", "blackdetect=d=0.1:pix_th=0.5", "-af", "silencedetect=n=-30dB:d=0.1,ashowinfo"]
        argv = [FFMPEG, "-v", "info", "-nostats", "-copyts", "-i", "pipe:0", *filters, "-f", "null", "-"]
        told = subprocess.run(argv, input=data, capture_output=True, check=True).stderr.decode()
        # a detector also reports a flash that the end cuts off
        end = float(re.findall(r"pts_time:([\d.]+)", told)[-1]) - 0.1
        flashes, beeps = (
            [float(one) for one in re.findall(rf"{word}: ?([\d.]+)", told)] for word in ("black_end", "silence_end")
        )
        found.append(([one for one in flashes if one < end], [one for one in beeps if one < end]))
    return found


def apart_s(folder: Path) -> list[float]:
    """Return the delay (s) of the beep after each flash of a recording, without flashes that have no beep within half a
    second. It goes take by take, because each has a clock of its own."""
    result = []
    for flashes, beeps in flashes_and_beeps(folder):
        for flash in flashes:
            near = [beep - flash for beep in beeps if abs(beep - flash) < 0.5]
            result += [min(near, key=abs)] if near else []
    return result
