"""The same lesson in Firefox and in WebKitGTK, which is Safari's engine."""

from __future__ import annotations

import pytest

from tests.journeys import browsers
from tests.journeys.browsers import (
    ChromiumScreen,
    DrivenScreen,
    Screen,
    clock_of,
    usual_lag_ms,
    wait_for_live,
    wait_for_movement,
    wait_for_pill,
    wait_for_sound,
)
from tests.journeys.metering import meter_says, metered_s, stored_s
from tests.journeys.publisher import now_ms
from tests.journeys.recording import Recording
from tests.journeys.stack import LEARNER, PASSWORD, TEACHER, Lesson
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


STUTTER_MS = 200
PASSES = 3
"""What a busy machine adds to a seam does not come each time."""
CUT_S = (4.3, 6.7)
PLAYER = "document.querySelector('lesson-player')"


WATCH_CLOCK = f"""const {{ video }} = {PLAYER};
  let [at, position] = [performance.now(), video.currentTime];
  eyes.frames.stoodStill = eyes.frames.count = window.clockStood = 0;
  clearInterval(window.clockWatch);
  window.clockWatch = setInterval(() => {{
    if (video.currentTime === position) return;
    clockStood = Math.max(clockStood, performance.now() - at);
    [at, position] = [performance.now(), video.currentTime];
  }}, 20);"""


def stood_still_ms(screen: Screen, seam_s: float) -> float:
    """Play over a seam of a replay; return the longest time for which a picture stood.

    WebKitGTK tells of few pictures when it has no graphics card; there it is the time for which the clock stood.
    """
    screen.run(f"{PLAYER}.goToPosition({seam_s - 1.5}); {PLAYER}.play();")
    wait_for(lambda: seam_s - 1.2 < screen.ask("eyes.position()") < seam_s, "it plays before the seam")
    screen.run(f"{{ {WATCH_CLOCK} }}")
    wait_for(lambda: screen.ask("eyes.position()") > seam_s + 1.2, "it plays behind the seam")
    return float(screen.ask("eyes.frames.count > 20 ? eyes.frames.stoodStill : clockStood"))


def cut_out(teacher: ChromiumScreen, lesson: Lesson) -> None:
    """Cut a stretch out that begins and ends within segments, and wait until its edges are encoded."""
    teacher.open(f"{lesson.url}/recording/cuts")
    for name, at_s in zip(("from", "to"), CUT_S, strict=True):
        teacher.page.fill(f"input[name={name}]", str(at_s))
    teacher.press("剪去")
    mark = lesson.media / "cut" / "mark"
    wait_for(lambda: mark.exists() and not mark.read_text().endswith("without edges"), "the edges are encoded")


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
        note("picture to picture", usual_lag_ms(learner) / 1000)

        wait_for(lambda: Recording(lesson).duration_s > CUT_S[1] + 3, "there is enough before the pause to cut")
        teacher.press("暂停讲课")
        wait_for_pill(learner, "已暂停")
        wait_for(lambda: meter_says(learner) == "lesson-paused", "no time counts during a pause")
        wait_for(lambda: metered_s(learner) == stored_s(stack, lesson, LEARNER) > 0, "the meter shows what is stored")
        teacher.press("继续讲课")
        wait_for_pill(learner, "直播中")
        wait_for_live(learner)
        before_pause_s = Recording(lesson).parts_s[0]
        wait_for(lambda: Recording(lesson).duration_s > before_pause_s + 3, "there is something after the pause")

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

        cut_out(teacher, lesson)
        for screen in (teacher, learner):
            screen.open(f"{lesson.url}/replay")
            wait_for(lambda screen=screen: (screen.ask("eyes.length()") or 0) > 0, "the replay is there")
            for what, seam_s in (("cut", CUT_S[0]), ("pause", before_pause_s - CUT_S[1] + CUT_S[0])):
                passes = (stood_still_ms(screen, seam_s) for _ in range(PASSES))
                still_ms = next((ms for ms in passes if ms <= STUTTER_MS), None)
                assert still_ms is not None, f"a picture stands at the seam of a {what} each time"
                note(f"longest picture at the seam of a {what}, {type(screen).__name__}", still_ms / 1000)
