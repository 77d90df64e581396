"""A presenter switches to another program: what learners see of a browser tab that nobody looks at any more."""

from __future__ import annotations

import time
from pathlib import Path

from playwright.sync_api import Page

from tests.bench.screens import chromium, page_of
from tests.bench.service import service
from tests.bench.table import Row
from tests.journeys import hearing
from tests.journeys.publisher import now_ms
from tests.journeys.stack import TEACHER
from tests.journeys.tabs import TabbedChromium
from tests.journeys.waiting import wait_for

SETTLE_S = 15
GAP_MS = 20
"""One piece of sound, as browsers pack it."""
FRAMES = "document.querySelector('lesson-player video').getVideoPlaybackQuality().totalVideoFrames"
SOUND = "document.querySelector('lesson-player video').webkitAudioDecodedByteCount"


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Count frames and sound at a learner while the tab is in front, then while it is hidden."""
    seconds = 15 if quick else 60
    tone = hearing.microphone(folder / "tone.wav")
    with (
        service(folder / "service") as stack,
        chromium() as browser,
        TabbedChromium(folder / "teacher", *tone) as teacher,
    ):
        (lesson,) = stack.lessons("Background", 1)
        teacher.sign_in(stack.url, TEACHER)
        teacher.open(f"{lesson.url}/studio")
        teacher.ask("document.querySelector('[data-part=noise]').click()")  # or a steady tone is taken for noise
        teacher.press("开始讲课")
        page = page_of(browser)
        page.goto(f"{lesson.url}/watch")
        wait_for(lambda: page.evaluate(f"{FRAMES} > 50"), "the learner sees the lecture", 40)
        time.sleep(SETTLE_S)
        began = now_ms()
        front = _watch(page, seconds)
        teacher.hide()
        gone = now_ms()
        time.sleep(3)
        hidden = _watch(page, seconds)
        windows = hearing.windows_of(lesson, folder)
    before, heard = hearing.heard(windows, began, gone), hearing.heard(windows, gone)
    share = hidden[0] / front[0]
    return [
        Row(
            f"Frames at a learner while the presenter's tab is hidden for {seconds} s",
            f"{hidden[0]:.1f} a second = {share:.0%}",
            f"in front: {front[0]:.1f} a second",
            "≥ 90 %",
            share >= 0.9,
        ),
        Row("Sound that the learner's browser decoded", f"{hidden[1]:.1f} kB/s", f"in front: {front[1]:.1f} kB/s"),
        Row(
            f"Longest silence in {heard.seconds:.0f} s of a steady tone in the recording, tab hidden",
            f"{heard.silence_ms} ms; {heard.slips} pieces left out or put in",
            f"in front: {before.silence_ms} ms; {before.slips} pieces",
            f"≤ {GAP_MS} ms",
            heard.silence_ms <= GAP_MS,
        ),
        Row("Picture stood still for over 0.4 s", f"{hidden[2]} times", f"in front: {front[2]} times"),
    ]


def _watch(page: Page, seconds: int) -> tuple[float, float, int]:
    """Return frames a second, kB of sound a second, and the number of stalls."""
    page.evaluate("bench.reset()")
    began, before = time.monotonic(), page.evaluate(f"[{FRAMES}, {SOUND}]")
    page.wait_for_timeout(seconds * 1000)
    taken, after = time.monotonic() - began, page.evaluate(f"[{FRAMES}, {SOUND}]")
    frames, sound = (later - earlier for earlier, later in zip(before, after, strict=True))
    return frames / taken, sound / taken / 1000, len(page.evaluate("bench.gaps"))
