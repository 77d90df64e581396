"""The generated lecture: a moving picture with a clock, and a voice, published by RTMP like an encoder's stream."""

from __future__ import annotations

import logging
import signal
import subprocess
import threading
from datetime import datetime
from zoneinfo import ZoneInfo

from app.demo import picture, speech
from app.kernel.leash import leashed

VIDEO_KBPS, AUDIO_KBPS = 700, 64
RETRY_S = 2.0
GIVE_UP_ON_NETWORK_US = 5_000_000

log = logging.getLogger(__name__)


def command(ffmpeg: str, url: str, utc_offset_s: int) -> list[str]:
    """Return the argv of an encoder that publishes the lecture to `url` in real time."""
    return [
        *(ffmpeg, "-hide_banner", "-nostdin", "-loglevel", "error"),
        *("-re", "-f", "lavfi", "-i", picture.graph(utc_offset_s)),
        *("-re", "-f", "lavfi", "-i", speech.source()),
        *("-map", "0:v:0", "-map", "1:a:0", "-filter_threads", "1"),
        *("-c:v", "libx264", "-preset", "superfast", "-tune", "zerolatency", "-threads", "1", "-pix_fmt", "yuv420p"),
        *("-profile:v", "main", "-b:v", f"{VIDEO_KBPS}k", "-maxrate", f"{VIDEO_KBPS}k", "-bufsize", f"{VIDEO_KBPS}k"),
        *("-g", str(picture.FPS), "-keyint_min", str(picture.FPS), "-sc_threshold", "0"),
        *("-c:a", "aac", "-b:a", f"{AUDIO_KBPS}k", "-ac", "1"),
        *("-rw_timeout", str(GIVE_UP_ON_NETWORK_US), "-f", "flv", url),
    ]


def publish_forever(url: str, ffmpeg: str, timezone: str) -> None:
    """Publish to `url`, again after each loss of the connection, until SIGTERM or SIGINT.

    The clock in the picture shows the time in `timezone`. Call it from the main thread.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set():
        reason = _publish(command(ffmpeg, url, utc_offset_s(timezone)), stop)
        if not stop.is_set():
            log.warning("the lecture was cut off, next try in %d s: %s", RETRY_S, reason)
            stop.wait(RETRY_S)


def utc_offset_s(timezone: str) -> int:
    """Return the present lead of the time in `timezone` over UTC in seconds."""
    offset = datetime.now(ZoneInfo(timezone)).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def _publish(argv: list[str], stop: threading.Event) -> str:
    """Run the encoder until it ends or `stop` is set. Return its last line."""
    with subprocess.Popen(leashed(argv), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as encoder:
        assert encoder.stderr is not None
        threading.Thread(target=_end_when_told, args=(encoder, stop), daemon=True).start()
        last = ""
        for line in encoder.stderr:
            last = line.strip() or last
        return last or f"ffmpeg ended with status {encoder.wait()}"


def _end_when_told(encoder: subprocess.Popen[str], stop: threading.Event) -> None:
    while encoder.poll() is None:
        if stop.wait(0.2):
            encoder.terminate()
            return
