"""A presenter's browser on a thin line: 200 kbit/s up, 300 ms there and back, 5 % lost; and good again after that."""

from __future__ import annotations

import time
from pathlib import Path

from playwright.sync_api import Page

from tests.bench.screens import chromium, page_of
from tests.bench.service import service
from tests.bench.table import Row
from tests.journeys.browsers import ChromiumScreen, chromium_context, sign_in
from tests.journeys.line import Line, Shape, send_over
from tests.journeys.recording import Recording
from tests.journeys.stack import TEACHER
from tests.journeys.waiting import wait_for

THIN = Shape(kbps=200, delay_s=0.15, loss=0.05)
SETTLE_S = 15
BEEP_MS = 500
STILL_S = 0.7
"""At the lowest step four pictures come in a second."""
STATE = "document.querySelector('lesson-sender [data-part=state]').textContent"


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Count what a learner gets while the line is thin, and how long the picture needs to come back to its size."""
    seconds = 30 if quick else 90
    with service(folder / "service") as stack, chromium() as browser, Line(stack.ingest_port) as line:
        (lesson,) = stack.lessons("Thin", 1)
        teacher = chromium_context(browser).new_page()
        send_over(teacher, line)
        sign_in(ChromiumScreen(teacher), stack.url, TEACHER)
        teacher.goto(f"{lesson.url}/studio")
        teacher.check("input[data-way][value=browser]")
        teacher.get_by_role("button", name="开始讲课").click()
        page = page_of(browser)
        page.goto(f"{lesson.url}/watch")
        wait_for(lambda: page.evaluate("bench.frames.length > 50"), "the learner sees the lecture", 40)
        time.sleep(SETTLE_S)
        good = _watch(page, 20)
        line.shape = THIN
        thin = _watch(page, seconds)
        said = str(teacher.evaluate(STATE))
        line.shape = None
        mended = time.monotonic()
        is_whole = "!document.querySelector('lesson-sender').hasAttribute('data-thin')"
        wait_for(lambda: teacher.evaluate(is_whole), "the picture has its size again", 300)
        back_s = time.monotonic() - mended
        after = _watch(page, 20)
        beeps = Recording(lesson).beeps(folder)
    missing = (beeps[-1] - beeps[0]) / BEEP_MS + 1 - len(beeps)
    shape = f"{THIN.kbps:.0f} kbit/s, {2 * THIN.delay_s * 1000:.0f} ms, {THIN.loss:.0%} lost"
    return [
        Row(
            f"A learner plays on while the presenter's line is thin ({shape}), {seconds} s",
            f"{thin[0]:.0%} of the time; before {good[0]:.0%}",
            f"the studio says: {said}",
        ),
        Row(f"Picture stood still for over {STILL_S} s meanwhile", _gaps(thin[1]), f"before: {_gaps(good[1])}"),
        Row(
            "Sound missing in the recording of all that, by the microphone's beeps",
            f"{max(0.0, missing) * BEEP_MS / 1000:.1f} s",
            f"{len(beeps)} beeps",
        ),
        Row("Line good again: until the picture has its full size", f"{back_s:.0f} s", f"after: {_gaps(after[1])}"),
    ]


def _gaps(gaps: list[float]) -> str:
    return f"{len(gaps)} times, {sum(gaps):.1f} s in all, {max(gaps, default=0):.1f} s at most"


def _watch(page: Page, seconds: int) -> tuple[float, list[float]]:
    """Return the share of the time in which the player went on, and the lengths of stalls, s."""
    page.evaluate("bench.reset()")
    began, before = time.monotonic(), page.evaluate("document.querySelector('lesson-player video').currentTime")
    page.wait_for_timeout(seconds * 1000)
    played = page.evaluate("document.querySelector('lesson-player video').currentTime") - before
    return played / (time.monotonic() - began), [
        one / 1000 for one in page.evaluate("bench.gaps") if one > STILL_S * 1000
    ]
