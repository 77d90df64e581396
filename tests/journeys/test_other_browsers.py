"""The same lesson in Firefox and in WebKitGTK, which is Safari's engine."""

from __future__ import annotations

from statistics import median

import pytest

from tests.journeys import browsers
from tests.journeys.browsers import (
    DrivenScreen,
    clock_of,
    lag_ms,
    wait_for_live,
    wait_for_movement,
    wait_for_pill,
    wait_for_sound,
)
from tests.journeys.metering import meter_says, metered_s, stored_s
from tests.journeys.publisher import now_ms
from tests.journeys.recording import Recording
from tests.journeys.stack import LEARNER, PASSWORD, TEACHER
from tests.journeys.test_lesson import end_lesson
from tests.journeys.waiting import wait_for

pytestmark = [pytest.mark.journey, pytest.mark.browser]


def sign_in(screen: DrivenScreen, base: str) -> None:
    """Sign the learner in through the form."""
    screen.open(f"{base}/sign-in")
    screen.type("#username", LEARNER)
    screen.type("#password", PASSWORD)
    screen.press_on("form.stack button[type=submit]")
    wait_for(lambda: "/sign-in" not in screen.driver.current_url, "the learner is signed in")


@pytest.mark.parametrize("browser", [browsers.firefox, browsers.webkit], ids=["Firefox", "WebKitGTK"])
def test_a_lesson_in_another_browser(stack, visitor, encoder, note, tmp_path, browser) -> None:
    lesson = stack.lesson(f"换一个浏览器 {browser.__name__}")
    teacher = visitor(stack.url, TEACHER)
    encoder(lesson)
    teacher.open(f"{lesson.url}/studio")
    wait_for_live(teacher)
    with browser(tmp_path) as learner:
        sign_in(learner, stack.url)
        learner.open(f"{lesson.url}/watch")
        wait_for_pill(learner, "未开始")

        teacher.press("开始讲课")
        wait_for_pill(learner, "直播中")
        began = now_ms()
        wait_for_live(learner)
        if learner.ask("eyes.heard().muted"):
            learner.press("点击打开声音")
        wait_for_sound(learner)
        note("picture to picture", median(lag_ms(learner) for _ in range(20)) / 1000)

        teacher.press("暂停讲课")
        wait_for_pill(learner, "已暂停")
        wait_for(lambda: meter_says(learner) == "lesson-paused", "no time counts during a pause")
        wait_for(lambda: metered_s(learner) == stored_s(stack, lesson, LEARNER) > 0, "the meter shows what is stored")
        teacher.press("继续讲课")
        wait_for_pill(learner, "直播中")
        wait_for_live(learner)

        end_lesson(teacher)
        wait_for_pill(learner, "已结束")
        learner.press("看回放")
        wait_for(lambda: learner.driver.current_url == f"{lesson.url}/replay", "the replay's page is open")
        wait_for(lambda: clock_of(learner) < began + 5000, "the beginning is shown")
        wait_for_movement(learner)
        wait_for(lambda: Recording(lesson).closed, "the recording is closed")
        recording = Recording(lesson)
        wait_for(
            lambda: abs(learner.ask("eyes.length()") - recording.duration_s) < 0.5, "the replay has its full length"
        )
        learner.ask(f"eyes.seek({int(recording.duration_s) - 3})")
        last = recording.entries[-1]
        wait_for(lambda: clock_of(learner) > last.start_ms - 4000, "the end is shown")
        wait_for_movement(learner)
