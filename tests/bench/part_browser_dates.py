"""What Chromium records and sends: dates against the clock in the picture, and sound against picture."""

from __future__ import annotations

import json
import time
from pathlib import Path

from tests.bench.decoding import beeps_of, pts_of
from tests.bench.screens import chromium
from tests.bench.service import BenchStack, service, wait_for_segments
from tests.bench.table import Row, percentile
from tests.conftest import ROOT
from tests.journeys.browsers import ChromiumScreen, sign_in
from tests.journeys.publisher import BITS, BOX, EPOCH_S, TICK_MS, clock_readings
from tests.journeys.recording import Recording
from tests.journeys.stack import TEACHER, Lesson
from tests.journeys.waiting import wait_for

SENDING = (ROOT / "tests" / "journeys" / "sending.js").read_text(encoding="utf-8")
CLOCK = {"epochMs": EPOCH_S * 1000, "bits": BITS, "box": BOX, "tickMs": TICK_MS}
BEEP_EVERY_MS = 1000


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Send a canvas with a clock, and beeps at full seconds, for a while."""
    seconds = 8 if quick else 30
    with service(folder / "service") as stack, chromium() as browser:
        lesson = stack.on_air("Dates of a browser")
        page = browser.new_context(locale="zh-CN").new_page()
        send(ChromiumScreen(page), stack, lesson)
        wait_for_segments(lesson, 1, "full")
        time.sleep(seconds)
        page.evaluate("window.sending.end()")
        wait_for(
            lambda: not stack.row("SELECT publishing FROM media_stream WHERE id = ?", lesson.stream)[0], "it ended"
        )
        return [_dates(lesson, folder), _sync(lesson, folder)]


def send(teacher: ChromiumScreen, stack: BenchStack, lesson: Lesson) -> None:
    """Let the teacher's page send."""
    sign_in(teacher, stack.url, TEACHER)
    teacher.open(f"{lesson.url}/studio")
    order = {"path": f"/live/{lesson.id}/sending", "mime": "video/webm;codecs=h264,opus", "clock": CLOCK, "beep": True}
    teacher.page.mouse.click(5, 5)  # sound may be made after a touch
    teacher.page.evaluate(f"{SENDING}\nwindow.sending.begin({json.dumps(order)})")


def _dates(lesson: Lesson, folder: Path) -> Row:
    media, init, errors = lesson.media / "segments", b"", []
    recording = Recording(lesson)
    starts = {one.name: one.start_ms for one in recording.entries}
    for line in recording.playlist.splitlines():
        if line.startswith("#EXT-X-MAP:"):
            init = (media / line.split('"')[1]).read_bytes()
        elif line in starts:
            piece = folder / "piece.mp4"
            piece.write_bytes(init + (media / line).read_bytes())
            errors.append(starts[line] - clock_readings(piece)[0])
    worst, middle = percentile([abs(one) for one in errors], 95), percentile(errors, 50)
    figure = f"p95 {worst:.0f} ms; median {middle:+.0f}, {min(errors):+.0f} … {max(errors):+.0f} ms"
    beside = f"{len(errors)} segments; the browser's own delay is in it, RECORDER_DELAY_MS as it comes"
    what = "EXT-X-PROGRAM-DATE-TIME against the clock in the picture, sent by Chromium"
    return Row(what, figure, beside, "p95 ≤ 100 ms", worst <= 100)


def _sync(lesson: Lesson, folder: Path) -> Row:
    file = folder / "first-take.mp4"
    media, recording = lesson.media / "segments", Recording(lesson)
    init = recording.playlist.partition('#EXT-X-MAP:URI="')[2].partition('"')[0]
    file.write_bytes(b"".join((media / name).read_bytes() for name in [init, *(one.name for one in recording.entries)]))
    pictures = percentile([pts - clock for pts, clock in zip(pts_of(file, "v"), clock_readings(file), strict=True)], 50)
    on_clock = [pts - pictures for pts in beeps_of(file)]
    offsets = [one - round(one / BEEP_EVERY_MS) * BEEP_EVERY_MS for one in on_clock]
    middle, worst = percentile(offsets, 50), max(offsets, key=abs)
    figure = f"median {middle:+.0f} ms, {worst:+.0f} ms at worst"
    beside = f"{len(offsets)} beeps; + is sound after picture"
    return Row("Sound against picture in the recording, sent by Chromium", figure, beside, "≤ 80 ms", abs(middle) <= 80)
