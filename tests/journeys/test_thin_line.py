"""A presenter whose line bears a tenth of what she sends: her picture gives way, her words do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.browsers import ChromiumScreen, wait_for_pill
from tests.journeys.line import Line, Shape, send_over
from tests.journeys.publisher import now_ms
from tests.journeys.recording import Recording
from tests.journeys.stack import LEARNER, TEACHER, Lesson, Stack
from tests.journeys.waiting import wait_for

pytestmark = [pytest.mark.journey, pytest.mark.browser, pytest.mark.alone]

THIN = Shape(kbps=150, delay_s=0.15, loss=0.05)
SPELL_MS = 5000
WAITING_MS = 1500
BEEP_MS = 500
EDGE_MS = 2500
"""A segment that does not lie wholly within the lesson is not kept."""
MOST_MISSING = 2.5
"""One may fall on a seam, and dates of a busy machine are not exact; what waits when a line turns thin is more."""


def teach_over(line: Line, lesson: Lesson, teacher: ChromiumScreen, learner: ChromiumScreen) -> None:
    """Begin a lecture out of the browser over a line that is good yet; some seconds of it are recorded."""
    page = teacher.page
    send_over(page, line)
    teacher.open(f"{lesson.url}/studio")
    page.check("input[data-way][value=browser]")
    learner.open(f"{lesson.url}/watch")
    teacher.press("开始讲课")
    wait_for_pill(learner, "直播中", 20)
    expect(page.locator("lesson-sender [data-part=state]")).to_contain_text("正在发送")
    wait_for((lesson.media / "full" / "source.m3u8").exists, "something is recorded", 30)
    wait_for(lambda: len(Recording(lesson).entries) > 4, "it goes on", 30)


def missing_of(beeps: list[float]) -> float:
    """Return the number of missing beeps between the first and the last."""
    return (beeps[-1] - beeps[0]) / BEEP_MS + 1 - len(beeps)


def test_over_a_thin_line_the_picture_gives_way_and_every_word_is_kept(stack: Stack, visitor, note, tmp_path: Path):
    lesson, teacher, learner = stack.lesson("网络很差的课"), visitor(stack.url, TEACHER), visitor(stack.url, LEARNER)
    page = teacher.page
    state = page.locator("lesson-sender [data-part=state]")
    with Line(stack.ingest_port) as line:
        teach_over(line, lesson, teacher, learner)

        line.shape = THIN
        expect(state).to_contain_text("网络较差", timeout=90_000)
        since = now_ms()
        wait_for(lambda: now_ms() > since + SPELL_MS, "a spell of a thin line has passed", 30)
        before = learner.ask("eyes.pictures()")
        wait_for(lambda: learner.ask("eyes.pictures()") > before + 8, "pictures come, if fewer", 20)

        # the lesson ends while the line is thin: her last words are still on their way
        teacher.press("结束直播")
        ended = now_ms()
        page.click("#controls dialog[open] [data-answer=yes]")
        wait_for_pill(learner, "已结束")
        wait_for(lambda: Recording(lesson).closed, "the recording is closed", 20)
        page.wait_for_url(f"{lesson.url}/summary")  # once everything is sent
    beeps = Recording(lesson).beeps(tmp_path)
    note("beeps of the microphone that are not in the recording", missing_of(beeps), f"of {len(beeps)}")
    assert len(beeps) > 2 * SPELL_MS / BEEP_MS
    assert missing_of(beeps) < MOST_MISSING
    assert beeps[-1] > ended - EDGE_MS


def test_what_was_said_before_a_pause_comes_though_the_line_is_thin(stack: Stack, visitor, note, tmp_path: Path):
    lesson, teacher, learner = stack.lesson("暂停一下的课"), visitor(stack.url, TEACHER), visitor(stack.url, LEARNER)
    page, sender = teacher.page, teacher.page.locator("lesson-sender")
    with Line(stack.ingest_port) as line:
        teach_over(line, lesson, teacher, learner)
        line.shape = THIN
        since = now_ms()
        wait_for(lambda: now_ms() > since + WAITING_MS, "something waits at the sender")
        paused = now_ms()
        teacher.press("暂停讲课")
        expect(sender).to_have_attribute("data-sending", "leaving")
        expect(sender.locator("[data-part=state]")).to_contain_text("请先不要关闭本窗口")

        # she goes on before it has come: the same sender does, and sends it first
        teacher.press("继续讲课")
        expect(sender).to_have_attribute("data-sending", "sending")
        line.shape = None
        wait_for_pill(learner, "直播中", 20)
        wait_for(lambda: Recording(lesson).entries[-1].start_ms > paused + EDGE_MS, "what she says now is recorded", 20)
        teacher.press("结束直播")
        page.click("#controls dialog[open] [data-answer=yes]")
        wait_for(lambda: Recording(lesson).closed, "the recording is closed", 20)
        page.wait_for_url(f"{lesson.url}/summary")  # once everything is sent
    beeps = Recording(lesson).beeps(tmp_path)
    before = [one for one in beeps if one < paused]
    note("beeps before the pause that are not in the recording", missing_of(before), f"of {len(before)}")
    assert missing_of(before) < MOST_MISSING
    assert before[-1] > paused - EDGE_MS
    assert beeps[-1] > paused + EDGE_MS
