"""Dates of segments over a line that jitters, of lessons at whose beginning every packet was late."""

from __future__ import annotations

import time
from pathlib import Path

from tests.bench.part_dates import Reading, read
from tests.bench.service import service, wait_for_segments
from tests.bench.streams import ClockPublisher
from tests.bench.table import Row
from tests.journeys.line import Line, Shape
from tests.journeys.stack import Lesson

JITTERS_MS = (0, 50, 200)
LATE_S, LATE_FOR_S = 0.35, 4.0
"""Each packet that goes there; connecting takes several, and the encoder holds its first pictures meanwhile."""
SETTLED = 10
"""Segments, of a second each, after which dates should be right."""
GOAL_MS = 100
WIDE = 1e6
"""kbit/s: the line delays, and holds nothing back."""


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Publish over each line, late at first."""
    seconds = 16 if quick else 30
    rows = []
    with service(folder / "service") as stack:
        for jitter_ms in JITTERS_MS:
            lesson = stack.on_air(f"Jitter {jitter_ms}")
            own = _publish(lesson, stack.rtmp_port, jitter_ms, seconds, folder)
            rows.append(_row(jitter_ms, own, read(lesson, folder)))
    return rows


def _publish(lesson: Lesson, port: int, jitter_ms: int, seconds: float, folder: Path) -> float:
    """Publish, and give the delay of the encoder itself in ms."""
    with Line(port) as line:
        line.shape = Shape(WIDE, delay_s=LATE_S, jitter_s=jitter_ms / 1000)
        url = lesson.rtmp_url.replace(f":{port}/", f":{line.port}/")
        with ClockPublisher(url) as publisher:
            time.sleep(LATE_FOR_S)
            line.shape = Shape(WIDE, jitter_s=jitter_ms / 1000)
            time.sleep(seconds - LATE_FOR_S)
            wait_for_segments(lesson, SETTLED + 2, "full")
    return publisher.delay_ms(folder)


def _row(jitter_ms: int, own_ms: float, readings: list[Reading]) -> Row:
    errors = [one.error_ms - own_ms for one in readings]
    settled = errors[SETTLED:]
    worst = max(abs(one) for one in settled)
    soon = next((at for at in range(len(errors)) if max(abs(one) for one in errors[at:]) <= GOAL_MS), len(errors))
    return Row(
        f"Dates with {jitter_ms} ms of jitter, 10 s after a start at which all packets were late",
        f"{worst:.0f} ms at most; first segment {errors[0]:+.0f} ms",
        f"within {GOAL_MS} ms from segment {soon + 1} on; {len(errors)} segments",
        f"≤ {GOAL_MS} ms",
        worst <= GOAL_MS,
    )
