"""A real encoder with a clock in its picture. It comes back like OBS, and keeps a copy of all that it sends."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from pathlib import Path
from typing import Self

import imageio_ffmpeg

from tests.journeys.waiting import wait_for

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()

WIDTH, HEIGHT, FPS = 640, 360, 25
FRAME_MS = 1000 // FPS
BITS, BOX = 22, 26
"""The clock: a row of boxes along the upper edge, the lowest bit on the left, white is 1."""
TICK_MS = 20
"""2^22 ticks of 20 ms are 23 hours."""
EPOCH_S = int(time.time()) - 60
"""Zero of the clock, the same for all publishers of one run of the tests."""

H264 = (
    *("-c:v", "libx264", "-preset", "superfast", "-tune", "zerolatency", "-threads", "1", "-profile:v", "main"),
    *("-b:v", "600k", "-maxrate", "600k", "-bufsize", "600k", "-g", str(FPS), "-keyint_min", str(FPS)),
    *("-sc_threshold", "0"),
)
RARE_KEYFRAMES = (*H264[: H264.index("-g")], "-g", str(8 * FPS), "-keyint_min", str(8 * FPS), "-sc_threshold", "0")
HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-tune", "zerolatency", "-b:v", "600k")
HEVC += ("-x265-params", f"keyint={FPS}:min-keyint={FPS}:scenecut=0:pools=1:frame-threads=1:log-level=error")


def picture() -> str:
    """Return the lavfi graph of the picture: the clock of capture on a moving ground."""
    bits = ",".join(
        f"drawbox={bit * BOX}:0:{BOX}:{BOX}:white:fill:enable='mod(floor(t*{1000 // TICK_MS}/pow(2,{bit})),2)'"
        for bit in range(BITS)
    )
    return (
        f"testsrc=s={WIDTH}x{HEIGHT}:r={FPS},format=yuv420p,drawbox=0:0:{WIDTH}:{BOX}:black:fill,"
        f"settb=1/1000,setpts='(RTCTIME-{EPOCH_S}000000)/1000',{bits},setpts=N/({FPS}*TB)"
    )


PACE = ("-readrate", "1", "-readrate_initial_burst", "0.04")

SOUND = "aevalsrc='0.3*sin(2*PI*660*t)*lt(mod(t,1),0.7)':s=48000"


class Publisher:
    """ffmpeg publishing in real time. With `loop` it begins again half a second after a loss of the connection."""

    def __init__(self, url: str, copies: Path, *, video: tuple[str, ...] = H264, loop: bool = True) -> None:
        self.url, self.copies, self.loop, self._video = url, copies, loop, video
        self.runs = 0
        self.words: list[str] = []
        self._encoder: subprocess.Popen[str] | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._publish_on, daemon=True)
        copies.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop for good."""
        self._stop.set()
        self.kill()
        self._thread.join(10)

    def kill(self) -> None:
        """End the encoder with SIGKILL. With `loop` another one follows."""
        encoder = self._encoder
        if encoder is not None and encoder.poll() is None:
            encoder.kill()

    def end(self) -> None:
        """End the encoder until `begin` is called."""
        self.loop = False
        self.kill()
        self._thread.join(10)

    def begin(self) -> None:
        """Publish again after `end`."""
        self.loop = True
        self._thread = threading.Thread(target=self._publish_on, daemon=True)
        self._thread.start()

    def wait_for_refusal(self, seconds: float = 10) -> str:
        """Wait until the server refuses this encoder. Return its last words."""
        wait_for(lambda: self.words, "the encoder is refused", seconds)
        return self.words[-1]

    def copy_files(self) -> list[Path]:
        """Return the copies of the sent media, one for each connection."""
        return sorted(self.copies.glob("sent-*.flv"))

    def _publish_on(self) -> None:
        while not self._stop.is_set():
            self.runs += 1
            with subprocess.Popen(
                self._command(), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
            ) as encoder:
                self._encoder = encoder
                if self._stop.is_set():
                    encoder.kill()
                assert encoder.stderr is not None
                self.words.extend(line.strip() for line in encoder.stderr if line.strip())
            if not self.loop:
                return
            self._stop.wait(0.5)

    def _command(self) -> list[str]:
        copy = self.copies / f"sent-{self.runs:03d}.flv"
        return [
            *(FFMPEG, "-hide_banner", "-nostdin", "-loglevel", "error", "-filter_threads", "1"),
            *(*PACE, "-f", "lavfi", "-i", picture(), *PACE, "-f", "lavfi", "-i", SOUND),
            *("-map", "0:v:0", "-map", "1:a:0", *self._video, "-pix_fmt", "yuv420p"),
            *("-c:a", "aac", "-b:a", "96k", "-flags", "+global_header"),
            *("-f", "tee", f"[f=flv:rw_timeout=5000000]{self.url}|[f=flv:flush_packets=1]{copy}"),
        ]


def clock_readings(source: Path, *options: str) -> list[int]:
    """Return the clock of each picture of a file, in ms since EPOCH_S.

    It fails if ffmpeg has any complaint.
    """
    strip = f"crop={BITS * BOX}:{BOX - 8}:0:4,scale={BITS}:1:flags=area,format=gray"
    argv = [
        FFMPEG,
        "-hide_banner",
        "-nostdin",
        "-v",
        "error",
        *options,
        "-i",
        str(source),
        "-map",
        "0:v:0",
        "-vf",
        strip,
    ]
    done = subprocess.run(
        [*argv, "-fps_mode", "passthrough", "-f", "rawvideo", "-"], capture_output=True, check=False, timeout=120
    )
    # the raw output has one tick a frame, and pictures of a browser do not keep time: that is no fault
    fine = rb"Truncated|Packet mismatch|end of file|partial file|rawvideo @ .* non monotonically increasing"
    complaints = re.sub(rb"(?m)^.*(?:" + fine + rb").*\n?", b"", done.stderr)
    assert not complaints.strip(), done.stderr.decode()
    pixels = done.stdout
    return [TICK_MS * sum((pixels[at + bit] > 127) << bit for bit in range(BITS)) for at in range(0, len(pixels), BITS)]


def now_ms() -> float:
    """Return the present time by the clock in the picture."""
    return (time.time() - EPOCH_S) * 1000
