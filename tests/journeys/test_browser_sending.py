"""A presenter without any encoder: her browser records, sends, loses the line, comes back; learners see it all."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest

from tests.journeys.browsers import (
    ChromiumScreen,
    DrivenScreen,
    Screen,
    clock_of,
    firefox,
    usual_lag_ms,
    wait_for_live,
    wait_for_pill,
)
from tests.journeys.line import Line
from tests.journeys.publisher import BITS, BOX, EPOCH_S, TICK_MS, clock_readings, now_ms
from tests.journeys.recording import Recording
from tests.journeys.stack import LEARNER, PASSWORD, TEACHER, Lesson, Stack
from tests.journeys.waiting import wait_for

pytestmark = [pytest.mark.journey, pytest.mark.browser]

SENDING = (Path(__file__).parent / "sending.js").read_text(encoding="utf-8")
CLOCK = {"epochMs": EPOCH_S * 1000, "bits": BITS, "box": BOX, "tickMs": TICK_MS}
H264, VP8 = "video/webm;codecs=h264,opus", "video/webm;codecs=vp8,opus"


def begin(teacher: Screen, lesson: Lesson, mime: str, **wish: object) -> None:
    """Let the teacher's page send, and show what arrives."""
    order = json.dumps({"path": f"/live/{lesson.id}/sending", "mime": mime, "clock": CLOCK, **wish})
    if isinstance(teacher, ChromiumScreen):
        teacher.page.check("input[data-way][value=encoder]")
        teacher.page.evaluate(f"{SENDING}\nwindow.sending.begin({order})")
    else:
        assert isinstance(teacher, DrivenScreen)
        teacher.press_on("input[data-way][value=encoder]")
        teacher.driver.execute_script(f"{SENDING}\nreturn window.sending.begin({order});")


def wait_for_state(teacher: Screen, state: str, seconds: float = 15) -> None:
    wait_for(lambda: teacher.ask("sending.state") == state, f"the page is {state}", seconds)


def dates_after_capture(lesson: Lesson, folder: Path) -> list[float]:
    """By how much (ms) the date of each recorded segment lies after the clock in its first picture."""
    recording, init, found = Recording(lesson), b"", []
    starts = {one.name: one.start_ms for one in recording.entries}
    for line in recording.playlist.splitlines():
        if line.startswith("#EXT-X-MAP:"):
            init = (lesson.media / "segments" / line.split('"')[1]).read_bytes()
        elif line in starts:
            piece = folder / "piece.mp4"
            piece.write_bytes(init + (lesson.media / "segments" / line).read_bytes())
            found.append(starts[line] - clock_readings(piece)[0])
    return found


@pytest.mark.alone
def test_a_lesson_out_of_chromium_with_a_broken_line(stack: Stack, visitor, note, tmp_path: Path) -> None:
    lesson, teacher, learner = stack.lesson("没有编码器的课"), visitor(stack.url, TEACHER), visitor(stack.url, LEARNER)
    teacher.open(f"{lesson.url}/studio")
    learner.open(f"{lesson.url}/watch")
    with Line(stack.ingest_port) as line:
        begin(teacher, lesson, H264, port=line.port)
        wait_for_live(teacher)
        teacher.press("开始讲课")
        wait_for_pill(learner, "直播中")
        wait_for_live(learner)
        note("the learner's picture was taken before", usual_lag_ms(learner) / 1000)
        health = teacher.ask("eyes.text('#health')")
        assert "Chrome" in health
        assert "直通" in health or "passed through" in health, health

        # the line breaks for three seconds
        cut = now_ms()
        line.snap()
        wait_for_state(teacher, "connecting")
        wait_for_pill(learner, "缓冲中")
        wait_for(lambda: now_ms() > cut + 3000, "three seconds have passed")
        line.mend()
        wait_for_state(teacher, "sending")
        back = now_ms()
        wait_for_pill(learner, "直播中")
        wait_for(lambda: clock_of(learner) > back, "the learner sees what was taken after the break")
        note("back until the learner sees it", (now_ms() - back) / 1000)
        assert teacher.ask("sending.numbers")["dropped"] == 0
        assert stack.state_of(lesson) == "on_air"
        teacher.page.evaluate("window.sending.end()")
        end = now_ms()
        teacher.press("结束直播")
        teacher.page.click("#controls dialog[open] [data-answer=yes]")
        wait_for_pill(learner, "已结束")
    wait_for(lambda: Recording(lesson).closed, "the recording is closed")
    clocks = Recording(lesson).clocks(tmp_path)
    assert clocks == sorted(clocks)
    holes = [after - before for before, after in pairwise(clocks)]
    note("longest hole in the recording, across the break", max(holes) / 1000)
    assert max(holes) <= 1500, "what was recorded while the line was down is in the recording, three seconds"
    assert clocks[0] < cut < back < clocks[-1] <= end
    assert "#EXT-X-DISCONTINUITY\n" not in Recording(lesson).playlist.split("#EXTINF", 1)[1]
    errors = dates_after_capture(lesson, tmp_path)
    note("dates of segments after the moment of capture, median", median(errors), "ms")
    assert abs(median(errors)) <= 150, errors


def test_a_second_presenter_is_told_who_sends_and_takes_over(stack: Stack, visitor) -> None:
    lesson, first, second = stack.lesson("两个人的课"), visitor(stack.url, TEACHER), visitor(stack.url, TEACHER)
    for one in (first, second):
        one.open(f"{lesson.url}/studio")
    begin(first, lesson, H264)
    wait_for_live(first)
    begin(second, lesson, H264)
    wait_for_state(second, "refused")
    told = second.ask("sending.heard.why")
    assert told["sending"]["name"] == "李明远"
    assert told["sending"]["encoder"].startswith("Chrome ")
    begin(second, lesson, H264, takeOver=True)
    wait_for_state(second, "sending")
    wait_for_state(first, "replaced")
    assert first.ask("sending.heard.why.code") == "publish.taken_over"
    wait_for_live(second)
    assert first.ask("sending.state") == "replaced"


def test_a_lesson_out_of_firefox(stack: Stack, visitor, tmp_path: Path) -> None:
    lesson, learner = stack.lesson("火狐里的课"), visitor(stack.url, LEARNER)
    with firefox(tmp_path) as teacher:
        teacher.open(f"{stack.url}/sign-in")
        teacher.type("#username", TEACHER)
        teacher.type("#password", PASSWORD)
        teacher.press_on("form.stack button[type=submit]")
        wait_for(lambda: teacher.driver.current_url == f"{stack.url}/", "signed in")
        teacher.open(f"{lesson.url}/studio")
        begin(teacher, lesson, VP8)
        wait_for_live(teacher)
        teacher.press("开始讲课")
        learner.open(f"{lesson.url}/watch")
        wait_for_pill(learner, "直播中")
        wait_for_live(learner)
        assert "Firefox" in teacher.ask("eyes.text('#health')")
