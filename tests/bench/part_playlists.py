"""Playlists of a lesson of four hours, written by the worker's own code, a segment a second."""

from __future__ import annotations

import gzip
import time
from dataclasses import dataclass
from pathlib import Path

from media_worker.contract import Rules, Stretch
from media_worker.disk import Disk
from media_worker.folder import Cut, StreamFolder
from tests.bench.table import Row

BEGIN_MS = 1_800_000_000_000.0


@dataclass(frozen=True)
class Sizes:
    """Bytes of the playlists, and what the last segments cost (CPU ms each)."""

    live: int
    full: int
    full_gzip: int
    cpu_ms: float


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Publish 14,400 segments without media in them."""
    count = 1200 if quick else 14_400
    stream = StreamFolder(folder / "stream", Disk(folder, 0))
    open_end = (Stretch(0),)
    stream.apply(Rules(version=1, air=open_end, record=open_end))
    minute = _publish(stream, 0, 60)
    _publish(stream, 60, count - 600)
    late = _publish(stream, count - 600, count)
    hours = f"{count / 3600:g} hours"
    return [
        Row(
            f"Live playlist after {hours}",
            f"{late.live} bytes",
            f"after 1 minute {minute.live} bytes; its first number grows",
            "constant",
            late.live <= minute.live * 1.05,
        ),
        Row(
            f"Full playlist after {hours}",
            f"{late.full:,} bytes",
            f"gzip {late.full_gzip:,}; players fetch its tail by Range",
        ),
        Row(
            f"CPU for publishing one segment after {hours}",
            f"{late.cpu_ms:.2f} ms",
            f"in the first minute {minute.cpu_ms:.2f} ms",
            "constant",
            late.cpu_ms <= minute.cpu_ms * 1.5,
        ),
    ]


def _publish(stream: StreamFolder, first: int, end: int) -> Sizes:
    began = time.process_time()
    for number in range(first, end):
        times = (BEGIN_MS + 1000 * number, 1000.0)
        stream.publish(Cut(1, 1, 1000.0 * number, b"x", b"i", times, b"v", b"j", times, "avc1.64001f", 1280, 720))
    cpu_ms = (time.process_time() - began) * 1000 / (end - first)
    full = (stream.root / "full" / "source.m3u8").read_bytes()
    live = (stream.root / "live" / "source.m3u8").stat().st_size
    return Sizes(live, len(full), len(gzip.compress(full, 6)), cpu_ms)
