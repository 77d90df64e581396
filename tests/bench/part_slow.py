"""A presenter's slow computer: DevTools make her page's main thread slower, 1 to 16 times; and what sending costs her.

Chromium throttles the main thread of a page and no other: the worker that encodes is only short of the processor that
the main thread burns. So the same is measured with the page encoding by itself, as Firefox's does.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.bench.processes import own_cpu_seconds
from tests.bench.screens import chromium, page_of
from tests.bench.service import BenchStack, service
from tests.bench.table import Row
from tests.journeys.browsers import CHROMIUM, CHROMIUM_ARGUMENTS, ChromiumScreen, chromium_context, sign_in
from tests.journeys.recording import Recording
from tests.journeys.stack import TEACHER, Lesson
from tests.journeys.waiting import wait_for

RATES = (1, 2, 4, 8, 16)
SETTLE_S = 8
BEEP_MS = 500
STILL_MS = 2000
MOST_MORE_MB = 400
WAYS = {
    "beside the page": "",
    "in the page": "delete window.MediaStreamTrackProcessor;",
    "by a recorder": "delete window.MediaStreamTrackProcessor; delete window.VideoEncoder;",
}
ANSWERS = """
window.answers = [];
addEventListener("click", ({ timeStamp }) => {
  requestAnimationFrame(() => window.answers.push(performance.now() - timeStamp));
}, true);
"""
ANSWER_MS = 500
HEALTH = "document.querySelector('#health')?.textContent.match(/\\d+×\\d+/)?.[0] ?? '?'"


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Throttle a studio more and more; then hold side by side what the ways of sending cost."""
    seconds = 20 if quick else 600
    rows = []
    with service(folder / "service") as stack, chromium() as audience:
        cases = [(way, rate) for way in ("beside the page", "in the page") for rate in ((4,) if quick else RATES)]
        rows += [_throttled(stack, audience, folder, way, rate, seconds) for way, rate in cases]
        rows += _costs(stack, audience, 15 if quick else 60)
    return rows


@contextmanager
def chromium_beside(other: Browser) -> Iterator[Browser]:
    """Run another Chromium under the same Playwright."""
    browser = other.browser_type.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
    try:
        yield browser
    finally:
        browser.close()


def studio(browser: Browser, stack: BenchStack, lesson: Lesson, way: str) -> Page:
    """Begin a lecture out of a page."""
    page = chromium_context(browser).new_page()
    page.add_init_script(f"{ANSWERS}{WAYS[way]}")
    sign_in(ChromiumScreen(page), stack.url, TEACHER)
    page.goto(f"{lesson.url}/studio")
    page.check("input[data-way][value=browser]")
    return page


def largest_page(browser: Browser) -> tuple[float, float]:
    """Return memory (MB) and CPU seconds of the largest page of a browser, by the system."""
    found = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    pages = [int(one["id"]) for one in found if one["type"] == "renderer"]
    held = {pid: _memory_mb(pid) for pid in pages}
    pid = max(held, key=lambda one: held[one])
    return held[pid], own_cpu_seconds(pid)


def _memory_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def _throttled(stack: BenchStack, audience: Browser, folder: Path, way: str, rate: int, seconds: int) -> Row:
    (lesson,) = stack.lessons(f"Slow {way} {rate}", 1)
    work = folder / lesson.id
    work.mkdir()
    with chromium_beside(audience) as browser:
        teacher = studio(browser, stack, lesson, way)
        before, _cpu = largest_page(browser)
        teacher.get_by_role("button", name="开始讲课").click()
        learner = page_of(audience)
        learner.goto(f"{lesson.url}/watch")
        wait_for(lambda: learner.evaluate("bench.frames.length > 50"), "the learner sees the lecture", 60)
        teacher.context.new_cdp_session(teacher).send("Emulation.setCPUThrottlingRate", {"rate": rate})
        time.sleep(SETTLE_S)
        learner.evaluate("bench.reset(), bench.frames.splice(0)")
        began, most = time.monotonic(), 0.0
        while time.monotonic() < began + seconds:
            teacher.mouse.click(4, 4)
            learner.wait_for_timeout(5000)
            most = max(most, largest_page(browser)[0])
        frames = learner.evaluate("bench.frames.length") / (time.monotonic() - began)
        gaps = [one for one in learner.evaluate("bench.gaps") if one > STILL_MS]
        size, answered = teacher.evaluate(HEALTH), max(teacher.evaluate("answers"), default=float("inf"))
        learner.context.close()
    beeps = Recording(lesson).beeps(work)
    missing = max(0.0, (beeps[-1] - beeps[0]) / BEEP_MS + 1 - len(beeps)) * BEEP_MS / 1000
    met = most - before <= MOST_MORE_MB and missing < BEEP_MS / 1000 and not gaps and answered <= ANSWER_MS
    return Row(
        f"Studio's main thread {rate} times slower, {seconds} s, encoded {way}: memory above the page before",
        f"{most - before:.0f} MB; {frames:.1f} pictures/s of {size}; {missing:.1f} s of sound missing",
        f"picture stood still over {STILL_MS / 1000:g} s: {len(gaps)} times; a click answered within {answered:.0f} ms",
        f"≤ {MOST_MORE_MB} MB, 0.0 s, 0 times, {ANSWER_MS} ms",
        met,
    )


def _costs(stack: BenchStack, audience: Browser, seconds: int) -> list[Row]:
    """Processor of the studio's page for the ways of sending, at once; and with nothing but a card."""
    lessons = stack.lessons("Costs", 3)
    cases = [("beside the page", True), ("by a recorder", True), ("beside the page", False)]
    with ExitStack() as opened:
        browsers = [opened.enter_context(chromium_beside(audience)) for _case in cases]
        for browser, lesson, (way, has_camera) in zip(browsers, lessons, cases, strict=True):
            teacher = studio(browser, stack, lesson, way)
            if has_camera:
                teacher.get_by_role("button", name="开始讲课").click()
            else:
                teacher.click("lesson-sender [data-part=microphone]")
        time.sleep(SETTLE_S)
        before = [largest_page(browser)[1] for browser in browsers]
        time.sleep(seconds)
        spent = [largest_page(browser)[1] - cpu for browser, cpu in zip(browsers, before, strict=True)]
    now, recorder, still = (100 * one / seconds for one in spent)
    return [
        Row(
            f"Processor of the studio's page, 720p25, encoders, {seconds} s",
            f"{now:.0f} % of one",
            f"with a recorder, at the same time: {recorder:.0f} %",
            "no more than a recorder",
            now <= recorder,
        ),
        Row(
            "The same with slides and voice only: nothing moves in the picture",
            f"{still:.0f} % of one",
            f"{still / now:.0%} of the moving picture",
            "≤ a third",
            still <= now / 3,
        ),
    ]
