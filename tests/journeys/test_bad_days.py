"""What happens to a lesson that nobody in it has done wrong: thin lines, a new version of the site, a full disk."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections.abc import Iterator

import pytest

from tests.journeys.browsers import ChromiumScreen, clock_of, lag_ms, wait_for_live, wait_for_pill, wait_while_it_plays
from tests.journeys.conftest import running
from tests.journeys.line import Line
from tests.journeys.publisher import now_ms
from tests.journeys.recording import Recording
from tests.journeys.stack import LEARNER, TEACHER, Lesson, Stack
from tests.journeys.test_lesson import end_lesson
from tests.journeys.waiting import time_until, wait_for

pytestmark = [pytest.mark.journey, pytest.mark.browser]

STALL_S = 10
NEAR_LIVE_MS = 4000
VITALS = "eyes.text('.vitals')"


@pytest.fixture(scope="module")
def disk_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A service whose disk will be full."""
    yield from running(tmp_path_factory.mktemp("full") / "data")


def on_air(stack: Stack, visitor, encoder, subject: str) -> tuple[Lesson, ChromiumScreen]:
    """Bring a lesson on air; gives it and the teacher in the studio."""
    lesson, teacher = stack.lesson(subject), visitor(stack.url, TEACHER)
    encoder(lesson)
    teacher.open(f"{lesson.url}/studio")
    wait_for_live(teacher)
    teacher.press("开始讲课")
    wait_for(lambda: stack.state_of(lesson) == "on_air", "the lesson is on air")
    return lesson, teacher


def comes_back(learner: ChromiumScreen, since: float, seconds: float = 15) -> float:
    """Wait until the page shows what was taken after `since`, and close to the present; gives the seconds."""
    return time_until(
        lambda: clock_of(learner) > since and lag_ms(learner) < NEAR_LIVE_MS, "the page is near live again", seconds
    )


@pytest.mark.alone
def test_a_learner_whose_network_stalls_is_back_by_himself(stack, visitor, encoder, note) -> None:
    lesson, teacher = on_air(stack, visitor, encoder, "信号不好的课")
    with Line(stack.port) as line:
        learner = visitor(line.url, LEARNER)
        learner.open(f"{line.url}/live/{lesson.id}/watch")
        wait_for_live(learner, NEAR_LIVE_MS)
        learner.ask("window.notReloaded = true")

        # the browser knows that it is offline
        learner.page.context.set_offline(True)
        cut_at = time.monotonic()
        wait_for(lambda: "连接已断开" in learner.ask(VITALS), "the page says that it is offline")
        wait_for(lambda: time.monotonic() - cut_at > STALL_S, "the stall is over", STALL_S + 1)
        learner.page.context.set_offline(False)
        note("10 s offline: until near live again", comes_back(learner, now_ms() - 1000))
        wait_for_live(learner, NEAR_LIVE_MS)
        wait_for(lambda: "已连接" in learner.ask(VITALS), "the page says that it is connected")

        # nobody knows: nothing comes through, and the teacher pauses meanwhile
        line.cut()
        cut_at = time.monotonic()
        teacher.press("暂停讲课")
        wait_for(lambda: stack.state_of(lesson) == "paused", "the lesson is paused")
        assert learner.ask("eyes.pill()") == "直播中"
        wait_for(lambda: time.monotonic() - cut_at > STALL_S / 2, "half of the stall is over", STALL_S)
        teacher.press("继续讲课")
        wait_for(lambda: time.monotonic() - cut_at > STALL_S, "the stall is over", STALL_S)
        line.mend()
        note("10 s without a sign: until near live again", comes_back(learner, now_ms() - 1000))
        wait_for_live(learner, NEAR_LIVE_MS)
        wait_for_pill(learner, "直播中")
        assert [one["text"] for one in learner.ask("eyes.states")][-2:] == ["已暂停", "直播中"]
        assert learner.ask("window.notReloaded") is True


@pytest.mark.alone
def test_web_restarts_and_nobody_notices(stack, visitor, encoder, note) -> None:
    lesson, teacher = on_air(stack, visitor, encoder, "升级中的课")
    learner = visitor(stack.url, LEARNER)
    learner.open(f"{lesson.url}/watch")
    wait_for_live(learner, NEAR_LIVE_MS)
    learner.ask("(window.notReloaded = true, eyes.frames.stoodStill = 0)")
    before = set(stack.pids("gunicorn", "wsgi:app"))
    master = min(before)
    os.kill(master, signal.SIGHUP)
    wait_for(lambda: set(stack.pids("gunicorn", "wsgi:app")) - before, "there is a new web process")
    wait_for(lambda: not set(stack.pids("gunicorn", "wsgi:app")) & (before - {master}), "the old one is gone")
    restarted = now_ms()
    wait_for(stack.is_well, "the service is well")
    comes_back(learner, restarted)
    note("web restarted: the picture stood still for", learner.ask("eyes.frames.stoodStill") / 1000)
    teacher.press("暂停讲课")
    wait_for_pill(learner, "已暂停")
    assert learner.ask("window.notReloaded") is True
    end_lesson(teacher)
    wait_for_pill(learner, "已结束")


def files_of(lesson: Lesson) -> dict[str, str]:
    """Return the files that the recording of a lesson consists of, with their digests."""
    names = {one.name for one in Recording(lesson).entries}
    return {name: hashlib.sha256((lesson.media / "segments" / name).read_bytes()).hexdigest() for name in names}


def test_the_disk_is_full_and_the_lesson_goes_on(disk_stack, visitor, encoder, tmp_path) -> None:
    stack = disk_stack
    earlier, teacher = on_air(stack, visitor, encoder, "早先的课")
    wait_for((earlier.media / "full" / "source.m3u8").exists, "a recording")
    wait_for(lambda: Recording(earlier).duration_s > 2, "two seconds are recorded")
    end_lesson(teacher)
    wait_for(lambda: Recording(earlier).closed, "the earlier recording is closed")
    lesson, teacher = on_air(stack, visitor, encoder, "磁盘满了的课")
    wait_for((lesson.media / "full" / "source.m3u8").exists, "a recording")
    wait_for(lambda: Recording(lesson).duration_s > 2, "two seconds are recorded")

    stack.stop()
    before = {one.id: (Recording(one).playlist, files_of(one)) for one in (earlier, lesson)}
    mark = stack.mark()
    stack.settings["DISK_RESERVE_MB"] = "900000000"
    stack.start()

    # the live goes on, and the presenter and the log say what is wrong
    learner = visitor(stack.url, LEARNER)
    learner.open(f"{lesson.url}/watch")
    wait_for_live(learner)
    alarm = "磁盘空间不足：录制已暂停，直播不受影响。"
    wait_for(lambda: alarm in teacher.ask("eyes.text('#health')"), "the studio raises the alarm")
    assert "recording suspended" in stack.said(mark)
    wait_while_it_plays(learner, 3000)
    assert Recording(lesson).playlist == before[lesson.id][0]

    # what was recorded is as it was, and is the replay
    end_lesson(teacher)
    wait_for_pill(learner, "已结束")
    wait_for(lambda: Recording(lesson).closed, "the recording is closed")
    for one in (earlier, lesson):
        playlist, files = before[one.id]
        assert Recording(one).playlist.startswith(playlist)
        assert files_of(one) == files
    assert len(Recording(lesson).clocks(tmp_path)) > 50
    learner.press("看回放")
    wait_for(lambda: learner.ask("window.eyes && eyes.frames.count > 2"), "the replay plays")
