"""Sources of streams: a file that is only copied, and a living picture with the clock of its capture in it."""

from __future__ import annotations

import subprocess
import threading
import time
from pathlib import Path
from typing import Self

import imageio_ffmpeg

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
QUIET = ("-hide_banner", "-nostdin", "-loglevel", "error")

FPS = 30
BITS, BOX, TICK_MS = 22, 40, 5
"""The clock: a row of boxes along the upper edge, the lowest bit on the left, white is 1. 2^22 ticks are 5.8 hours."""
EPOCH_S = int(time.time()) - 60


def make_file(path: Path, seconds: int, kbps: int = 2480) -> float:
    """Write 720p30 H.264 of a constant bitrate with AAC, a keyframe every second. Return its rate in Mbit/s."""
    picture = f"testsrc2=size=1280x720:rate={FPS}:duration={seconds},noise=alls=20:allf=t"
    sound = f"sine=frequency=440:sample_rate=48000:duration={seconds}"
    rate = ("-b:v", f"{kbps}k", "-minrate", f"{kbps}k", "-maxrate", f"{kbps}k", "-bufsize", f"{kbps}k")
    argv = [FFMPEG, *QUIET, "-y", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound]
    argv += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", str(FPS), *rate]
    subprocess.run([*argv, "-c:a", "aac", "-b:a", "128k", str(path)], check=True)
    return path.stat().st_size * 8 / seconds / 1e6


def copy_command(source: Path, url: str, *, again: bool = False, sender: str = "127.0.0.1") -> list[str]:
    """Return the argv that publishes a file in real time without encoding it, with `again` in a loop."""
    loop = ("-stream_loop", "-1") if again else ()
    argv = [FFMPEG, *QUIET, "-re", *loop, "-i", str(source), "-c", "copy", "-f", "flv"]
    return [*argv, "-rw_timeout", "9000000", "-local_addr", sender, url]


def now_ms() -> float:
    """Return the present time by the clock in the picture."""
    return (time.time() - EPOCH_S) * 1000


def _picture() -> str:
    bits = ",".join(
        f"drawbox={bit * BOX}:0:{BOX}:{BOX}:white:fill:enable='mod(floor(t*{1000 // TICK_MS}/pow(2,{bit})),2)'"
        for bit in range(BITS)
    )
    return (
        f"testsrc=s=1280x720:r={FPS},format=yuv420p,drawbox=0:0:{BITS * BOX}:{BOX}:black:fill,"
        f"settb=1/1000,setpts='(RTCTIME-{EPOCH_S}000000)/1000',{bits},setpts=N/({FPS}*TB)"
    )


class ClockPublisher:
    """An encoder of 720p30 that shows its clock, publishing to several addresses at once.

    It also keeps a copy, so that the delay of the encoder itself is known: from the clock in a picture to the moment
    when its bytes leave.
    """

    def __init__(self, *urls: str) -> None:
        self._urls = urls
        self._data = bytearray()
        self._left_ms: list[float] = []
        self._pictures_at: list[float] = []

    def __enter__(self) -> Self:
        pace = ("-readrate", "1", "-readrate_initial_burst", "0.04")
        targets = "|".join(["[f=flv]pipe\\:1", *(f"[f=flv:onfail=ignore]{url}" for url in self._urls)])
        argv = [FFMPEG, *QUIET, "-filter_threads", "1", *pace, "-f", "lavfi", "-i", _picture()]
        argv += [*pace, "-f", "lavfi", "-i", "aevalsrc='0.3*sin(2*PI*660*t)*lt(mod(t,1),0.7)':s=48000"]
        argv += [
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-tune",
            "zerolatency",
            "-pix_fmt",
            "yuv420p",
            "-threads",
            "1",
        ]
        argv += ["-b:v", "2500k", "-maxrate", "2500k", "-bufsize", "2500k", "-g", str(FPS), "-sc_threshold", "0"]
        argv += ["-c:a", "aac", "-b:a", "128k", "-flags", "+global_header", "-map", "0:v", "-map", "1:a"]
        self._encoder = subprocess.Popen([*argv, "-flush_packets", "1", "-f", "tee", targets], stdout=subprocess.PIPE)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._encoder.kill()
        self._encoder.wait()
        self._reader.join(5)

    def _read(self) -> None:
        # FLV (Adobe's specification, annex E): 9 + 4 bytes, then tags of 11 + size + 4
        out = self._encoder.stdout
        assert out is not None
        self._data += out.read(13)
        while len(head := out.read(11)) == 11:
            body = out.read(int.from_bytes(head[1:4], "big") + 4)
            if head[0] == 9 and body[1] == 1:
                self._pictures_at.append(now_ms())
            if len(self._pictures_at) < 20 * FPS:
                self._data += head + body

    def delay_ms(self, folder: Path) -> float:
        """Return the encoder's median delay from the picture's clock to the moment when its bytes leave."""
        copy = folder / "left.flv"
        copy.write_bytes(bytes(self._data))
        clocks = clocks_of(copy)
        delays = sorted(at - clock for at, clock in zip(self._pictures_at, clocks, strict=False))
        return delays[len(delays) // 2]


def clocks_of(file: Path, *, first_only: bool = False) -> list[int]:
    """Return the clocks of a file's pictures, in ms since EPOCH_S."""
    strip = f"crop={BITS * BOX}:{BOX // 2}:0:{BOX // 4},scale={BITS}:1:flags=area,format=gray"
    argv = [FFMPEG, *QUIET, "-i", str(file), "-map", "0:v:0", "-vf", strip, "-fps_mode", "passthrough"]
    argv += ["-frames:v", "1"] if first_only else []
    pixels = subprocess.run([*argv, "-f", "rawvideo", "-"], capture_output=True, check=False).stdout
    rows = [pixels[at : at + BITS] for at in range(0, len(pixels) - BITS + 1, BITS)]
    return [TICK_MS * sum((value > 127) << bit for bit, value in enumerate(row)) for row in rows]
