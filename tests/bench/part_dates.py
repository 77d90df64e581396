"""EXT-X-PROGRAM-DATE-TIME against the clock in the first picture of each segment, also after the encoder came back."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench.service import service, wait_for_segments
from tests.bench.streams import EPOCH_S, ClockPublisher, clocks_of
from tests.bench.table import Row, percentile
from tests.journeys.publisher import EPOCH_S as THEIR_EPOCH_S
from tests.journeys.recording import entries_of
from tests.journeys.stack import Lesson


@dataclass(frozen=True)
class Reading:
    """One segment: where its date lies after the true capture time, in ms."""

    part: int
    error_ms: float


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Publish twice with a break; the encoder's own delay is measured and taken off as a presenter would set it."""
    seconds = 7 if quick else 25
    delays = []
    with service(folder / "service") as stack:
        lesson = stack.on_air("Dates")
        for _ in range(2):
            with ClockPublisher(lesson.rtmp_url) as publisher:
                time.sleep(seconds)
            delays.append(publisher.delay_ms(folder))
            time.sleep(1.5)
        wait_for_segments(lesson, 2 * (seconds - 4), "full")
        readings = read(lesson, folder)
    return [
        _row("EXT-X-PROGRAM-DATE-TIME against the clock in the picture", readings, 0, delays),
        _row("The same, after the encoder came back", readings, 1, delays),
    ]


def read(lesson: Lesson, folder: Path) -> list[Reading]:
    """Decode the first picture of each segment of the recording."""
    found, init, part = [], b"", -1
    text = (lesson.media / "full" / "source.m3u8").read_text()
    starts = {one.name: one.start_ms + 1000 * (THEIR_EPOCH_S - EPOCH_S) for one in entries_of(text)}
    piece = folder / "piece.mp4"
    for line in text.splitlines():
        if line.startswith("#EXT-X-MAP:"):
            init = (lesson.media / "segments" / line.split('"')[1]).read_bytes()
            part += 1
        elif line and not line.startswith("#"):
            piece.write_bytes(init + (lesson.media / "segments" / line).read_bytes())
            found.append(Reading(min(part, 1), starts[line] - clocks_of(piece, first_only=True)[0]))
    return found


def _row(what: str, readings: list[Reading], part: int, delays: list[float]) -> Row:
    raw = [one.error_ms for one in readings if one.part == part]
    errors = [one - delays[part] for one in raw]
    worst = percentile([abs(one) for one in errors], 95)
    middle, least, most = percentile(errors, 50), min(errors), max(errors)
    figure = f"p95 {worst:.0f} ms; median {middle:+.0f}, {least:+.0f} … {most:+.0f} ms"
    beside = f"encoder's own delay {delays[part]:.0f} ms, taken off; {len(raw)} segments"
    return Row(what, figure, beside, "p95 ≤ 100 ms", worst <= 100)
