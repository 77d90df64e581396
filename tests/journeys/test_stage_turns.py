"""轮流发言: three learners speak one after the other, and those who wait hear them in the lesson."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.journeys import browsers
from tests.journeys.browsers import ask, wait_for_pill
from tests.journeys.conftest import running
from tests.journeys.recording import Recording
from tests.journeys.sending import tracks_on
from tests.journeys.speaking import (
    HZ,
    MAKE_SECOND,
    MAKE_THIRD,
    SECOND,
    THIRD,
    first_of,
    lost_and_doubled,
    moment,
    onsets_in,
    press,
    said_under_the_lamp,
    visit,
)
from tests.journeys.stack import LEARNER, TEACHER, Stack
from tests.journeys.waiting import wait_for

pytestmark = [pytest.mark.journey, pytest.mark.browser, pytest.mark.alone]

NAMES = {LEARNER: "张三", SECOND: "李四", THIRD: "王五"}
MOST_LOST = 0.25
"""Share of tones that a busy machine may swallow or delay on their way; on a quiet one it is none."""


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    yield from running(tmp_path / "data")


@pytest.fixture
def mesh(playwright: Playwright) -> Iterator[Browser]:
    """Chromium whose pages reach each other on this machine, and play with sound at once."""
    arguments = ("--allow-loopback-in-peer-connection", "--autoplay-policy=no-user-gesture-required")
    browser = browsers.chromium(playwright, *arguments)
    yield browser
    browser.close()


def test_three_speak_in_turn_and_all_of_it_is_recorded(stack: Stack, mesh: Browser, note, tmp_path: Path) -> None:
    lesson = stack.lesson("轮流发言")
    stack.run(MAKE_SECOND)
    stack.run(MAKE_THIRD)
    teacher = visit(stack, mesh, TEACHER, f"{lesson.url}/studio")
    teacher.page.check("input[data-way][value=browser]")
    teacher.press("开始讲课")
    learners = {who: visit(stack, mesh, who, f"{lesson.url}/watch") for who in NAMES}
    for one in learners.values():
        wait_for_pill(one, "直播中", 20)
        ask(one.page, "hands.raise", way="voice")
    ask(teacher.page, "stage.rules", turn_s=600)
    teacher.run("window.listen()")
    learners[THIRD].run("window.listenToLesson()")

    queue, stage = teacher.page.locator("#hands-queue"), teacher.page.locator("#stage-desk")
    pressed = press(teacher, queue.locator("li", has_text="张三").get_by_role("button", name="请发言"))
    at_once = first_of(teacher, LEARNER, pressed)
    in_the_lesson = first_of(learners[THIRD], LEARNER, pressed)
    note("请发言 to the first tone at the teacher", at_once)
    note("to the first tone in the lesson of a third page, later by", in_the_lesson - at_once)
    tones = {}
    for who, name in NAMES.items():
        expect(stage).to_contain_text(name)
        expect(queue).not_to_contain_text(name)
        said_under_the_lamp(learners[who], 5)
        stage.get_by_role("button", name="下一位").click()
        wait_for(lambda who=who: tracks_on(learners[who]) == [], "her microphone is closed")
        tones[who] = learners[who].ask("window.tones")
    spans = [(said[0]["at"], said[-1]["at"]) for said in tones.values()]
    assert all(before[1] <= after[0] + 500 for before, after in pairwise(spans)), "one after the other"
    expect(stage).not_to_contain_text("王五")
    said_by = moment(teacher)
    wait_for(lambda: moment(teacher) > said_by + 2000, "what she said lies in a whole segment: the last one is cut")
    teacher.press("结束直播")
    teacher.page.click("#controls dialog[open] [data-answer=yes]")
    wait_for(lambda: Recording(lesson).closed, "the recording is closed")
    for who, said in tones.items():
        lost, doubled = lost_and_doubled(said, onsets_in(lesson, tmp_path, HZ[who]))
        lit = sum(one["lamp"] == "recorded" for one in said)
        note(f"tones of {who} of {lit} under the lamp that are missing, or late", len(lost), "")
        assert lit >= 5
        assert len(lost) <= MOST_LOST * lit, f"of {lit} tones of {who} under the lamp: {lost}"
        assert len(doubled) <= MOST_LOST * lit, f"of {lit} tones of {who} under the lamp: {doubled}"
