"""A presenter switches to another program: what learners see of a browser tab that nobody looks at any more."""

from __future__ import annotations

import time
from pathlib import Path

from playwright.sync_api import Page

from tests.bench.screens import chromium, page_of
from tests.bench.service import service
from tests.bench.table import Row
from tests.journeys.stack import TEACHER
from tests.journeys.tabs import TabbedChromium
from tests.journeys.waiting import wait_for

SETTLE_S = 15
FRAMES = "document.querySelector('lesson-player video').getVideoPlaybackQuality().totalVideoFrames"
SOUND = "document.querySelector('lesson-player video').webkitAudioDecodedByteCount"


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Count frames and sound at a learner while the tab is in front, then while it is hidden."""
    seconds = 15 if quick else 60
    with service(folder / "service") as stack, chromium() as browser, TabbedChromium(folder / "teacher") as teacher:
        (lesson,) = stack.lessons("Background", 1)
        teacher.sign_in(stack.url, TEACHER)
        teacher.open(f"{lesson.url}/studio")
        teacher.press("开始讲课")
        page = page_of(browser)
        page.goto(f"{lesson.url}/watch")
        wait_for(lambda: page.evaluate(f"{FRAMES} > 50"), "the learner sees the lecture", 40)
        time.sleep(SETTLE_S)
        front = _watch(page, seconds)
        teacher.hide()
        time.sleep(3)
        hidden = _watch(page, seconds)
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
        Row("Picture stood still for over 0.4 s", f"{hidden[2]} times", f"in front: {front[2]} times"),
    ]


def _watch(page: Page, seconds: int) -> tuple[float, float, int]:
    """Give frames a second, kB of sound a second, and how often the picture stood still."""
    page.evaluate("bench.reset()")
    began, before = time.monotonic(), page.evaluate(f"[{FRAMES}, {SOUND}]")
    page.wait_for_timeout(seconds * 1000)
    taken, after = time.monotonic() - began, page.evaluate(f"[{FRAMES}, {SOUND}]")
    frames, sound = (later - earlier for earlier, later in zip(before, after, strict=True))
    return frames / taken, sound / taken / 1000, len(page.evaluate("bench.gaps"))
