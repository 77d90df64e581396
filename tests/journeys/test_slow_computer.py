"""A teacher's old laptop: her processor is throttled four times, and the lecture goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.journeys import browsers
from tests.journeys.browsers import ChromiumScreen, chromium_context, wait_for_pictures, wait_for_pill
from tests.journeys.publisher import now_ms
from tests.journeys.recording import Recording
from tests.journeys.stack import LEARNER, TEACHER, Stack
from tests.journeys.waiting import wait_for

pytestmark = [pytest.mark.journey, pytest.mark.browser]

SLOWER = 4
"""DevTools slow the page's main thread down. A worker loses the processor that the main thread burns, and no more."""
ROUNDS = 6
"""Of five seconds each. A queue without a bound took 60 MB a second; `make bench` looks for ten minutes."""
MOST_MORE_MB = {"beside the page": 400, "in the page": 700}
"""Above the page before its camera opens. Pictures that Chromium's page draws by itself fill its cache of 512 MB."""
BEEP_MS = 500
LEAST_HEARD = 0.25
"""Share of the beeps, where another journey takes the second processor. The bench says how many are missing alone."""
ANSWERS = """
window.answers = [];
addEventListener("click", ({ timeStamp }) => {
  requestAnimationFrame(() => window.answers.push(performance.now() - timeStamp));
}, true);
"""
IN_THE_PAGE = "delete window.MediaStreamTrackProcessor;"
"""What Firefox and Safari do not have: there the page does by itself what a worker does in Chromium."""


@pytest.fixture
def own_chromium(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium whose largest page is the studio."""
    browser = browsers.chromium(playwright)
    yield browser
    browser.close()


def largest_page_mb(browser: Browser) -> float:
    """Return the memory of the browser's largest page, by the system."""
    found = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    pages = [Path("/proc", str(one["id"]), "status") for one in found if one["type"] == "renderer"]
    lines = [line for page in pages for line in page.read_text().splitlines() if line.startswith("VmRSS")]
    return max(int(line.split()[1]) for line in lines) / 1024


@pytest.mark.parametrize(("where", "missing"), [("beside the page", ""), ("in the page", IN_THE_PAGE)])
def test_a_lecture_goes_on_out_of_a_computer_four_times_slower(
    where: str, missing: str, stack: Stack, visitor, own_chromium: Browser, note, tmp_path: Path
) -> None:
    lesson, learner = stack.lesson(f"旧电脑上的课，{where}"), visitor(stack.url, LEARNER)
    teacher = ChromiumScreen(chromium_context(own_chromium).new_page())
    page = teacher.page
    page.add_init_script(f"{ANSWERS}{missing}")
    browsers.sign_in(teacher, stack.url, TEACHER)
    teacher.open(f"{lesson.url}/studio")
    page.check("input[data-way][value=browser]")
    before = largest_page_mb(own_chromium)
    teacher.press("开始讲课")
    learner.open(f"{lesson.url}/watch")
    wait_for_pill(learner, "直播中", 20)
    wait_for_pictures(learner)
    teacher.wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    held = []
    learner.run("eyes.frames.stoodStill = 0")
    for _round in range(ROUNDS):
        pressed, seen = len(teacher.ask("window.answers")), learner.ask("eyes.frames.count")
        page.mouse.click(4, 4)
        wait_for(lambda pressed=pressed: len(teacher.ask("window.answers")) > pressed, "the page answers a click", 20)
        held.append(largest_page_mb(own_chromium))
        turn = now_ms()
        wait_for(lambda turn=turn: now_ms() > turn + 5000, "she goes on", 20)
        wait_for(lambda seen=seen: learner.ask("eyes.frames.count") > seen, "the learner's picture goes on", 20)
    still = learner.ask("eyes.frames.stoodStill")
    answers = teacher.ask("window.answers")
    teacher.wire.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    teacher.press("结束直播")
    page.click("#controls dialog[open] [data-answer=yes]")
    wait_for_pill(learner, "已结束", 20)
    wait_for(lambda: Recording(lesson).closed, "the recording is closed", 20)
    beeps = Recording(lesson).beeps(tmp_path)
    sent = (beeps[-1] - beeps[0]) / BEEP_MS + 1
    note(f"{where}: memory of the studio before the lecture", before, "MB")
    note(f"{where}: and at most", max(held), "MB")
    note(f"{where}: beeps in the recording", len(beeps), f"of {sent:.0f}")
    note(f"{where}: the learner's picture stood still for", still / 1000)
    note(f"{where}: the page answered a click within", max(answers) / 1000)
    assert max(held) < before + MOST_MORE_MB[where], held
    assert max(held[len(held) // 2 :]) < max(held[: len(held) // 2]) + 60, f"it grows: {held}"
    assert len(beeps) > LEAST_HEARD * sent
    page.context.close()


def test_her_computer_is_measured_before_the_lecture(stack: Stack, visitor) -> None:
    lesson, teacher = stack.lesson("先测电脑的课"), visitor(stack.url, TEACHER)
    teacher.open(f"{lesson.url}/studio")
    teacher.page.check("input[data-way][value=browser]")
    teacher.page.click("[data-part=check-first]")
    said = teacher.page.locator("[data-part=check-computer-state]")
    expect(said).to_have_text("正在测试，约三秒……")
    expect(said).to_contain_text("电脑", timeout=20_000)
