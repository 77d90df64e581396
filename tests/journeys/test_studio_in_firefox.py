"""A lecture out of Firefox, by the studio's own switches: it is encoded anew, and a learner misses nothing of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys import hearing
from tests.journeys.browsers import (
    DrivenScreen,
    firefox,
    loudspeaker,
    sign_in_by_keys,
    wait_for_pictures,
    wait_for_pill,
    wait_for_sound,
)
from tests.journeys.line import Line, send_page_over
from tests.journeys.publisher import now_ms
from tests.journeys.recording import Recording
from tests.journeys.sending import is_publishing, keep_tracks, tracks_on
from tests.journeys.slides import make_deck
from tests.journeys.stack import LEARNER, TEACHER, Stack
from tests.journeys.waiting import wait_for

pytestmark = [pytest.mark.journey, pytest.mark.browser, pytest.mark.alone]

CUT_MS = 4000
SYLLABLE_MS = 400  # so much may be missing on a busy machine; what is not sent late after a break is four seconds
PAGE = "document.querySelector('lesson-player slide-view')?.page?.page ?? 0"


def says(screen: DrivenScreen, part: str, words: str, seconds: float = 20) -> None:
    wait_for(lambda: words in screen.ask(f"eyes.text('[data-part={part}]')"), f"{part} says {words}", seconds)


def test_a_lecture_out_of_firefox(stack: Stack, visitor, note, tmp_path: Path) -> None:
    lesson, learner = stack.lesson("火狐浏览器里的课"), visitor(stack.url, LEARNER)
    make_deck(stack, lesson, 3)
    with loudspeaker() as speaker, Line(stack.ingest_port) as line, firefox(tmp_path, speaker) as teacher:
        sign_in_by_keys(teacher, stack.url, TEACHER)
        teacher.open(f"{lesson.url}/studio")
        send_page_over(teacher, line)
        keep_tracks(teacher)
        teacher.press_on("input[data-way][value=browser]")
        learner.open(f"{lesson.url}/watch")

        # 检查设备
        teacher.press_on("[data-part=check-first]")
        says(teacher, "check-heard", "声音清楚。")
        teacher.press("测试网络")
        says(teacher, "check-line-state", "kbit/s")
        teacher.press("完成")
        wait_for(lambda: tracks_on(teacher) == [], "what was only tried is off again")

        teacher.press("开始讲课")
        wait_for_pill(learner, "直播中", 15)
        wait_for_pictures(learner)
        learner.page.click("lesson-player [data-part=sound-gate]")
        wait_for_sound(learner)
        assert tracks_on(teacher) == ["audio", "video"]
        assert "重新编码" in teacher.ask("document.querySelector('#health').textContent"), (
            "VP8 is no picture for everybody"
        )

        teacher.press_on("[data-do=next]:not([hidden])")
        wait_for(lambda: learner.ask(PAGE) == 1, "the learner sees the first page", 10)

        # 暂停讲课: camera and microphone are off, really
        teacher.press("暂停讲课")
        wait_for_pill(learner, "已暂停")
        wait_for(lambda: tracks_on(teacher) == [], "camera and microphone are off")
        wait_for(lambda: not is_publishing(stack, lesson), "nothing is sent")
        teacher.press_on("[data-do=next]:not([hidden])")
        wait_for(lambda: learner.ask(PAGE) == 2, "the learner sees the second page", 10)
        teacher.press("继续讲课")
        wait_for_pill(learner, "直播中", 15)
        wait_for_pictures(learner)
        resumed = now_ms()

        # the line is gone for a while; what is said meanwhile is kept, and sent late
        cut = now_ms()
        line.snap()
        wait_for_pill(learner, "缓冲中", 15)
        says(teacher, "state", "网络已断开")
        wait_for(lambda: now_ms() > cut + CUT_MS, "the line was gone for long enough")
        line.mend()
        wait_for_pill(learner, "直播中", 20)
        wait_for_pictures(learner)
        note("the line was gone, and the learner sees on after", (now_ms() - cut) / 1000)

        end = now_ms()
        teacher.press("结束直播")
        teacher.press_on("#controls dialog[open] [data-answer=yes]")
        wait_for_pill(learner, "已结束")
        wait_for(lambda: tracks_on(teacher) == [], "camera and microphone are off")
    wait_for(lambda: Recording(lesson).closed, "the recording is closed")
    heard = hearing.heard(hearing.windows_of(lesson, tmp_path), resumed, end)
    note("longest silence in the recording, across the break", heard.silence_ms, "ms")
    assert heard.silence_ms <= SYLLABLE_MS, heard
    learner.open(f"{lesson.url}/replay")
    learner.page.evaluate("document.querySelector('lesson-player').play()")
    wait_for_pictures(learner)


def test_a_voice_out_of_a_firefox_that_has_no_loudspeaker(stack: Stack, visitor, note, tmp_path: Path) -> None:
    lesson, learner = stack.lesson("没有扬声器的课"), visitor(stack.url, LEARNER)
    with firefox(tmp_path) as teacher:
        sign_in_by_keys(teacher, stack.url, TEACHER)
        teacher.open(f"{lesson.url}/studio")
        keep_tracks(teacher)
        teacher.press_on("[data-part=check-first]")
        says(teacher, "check-heard", "学员仍能听到您")
        teacher.press("完成")
        learner.open(f"{lesson.url}/watch")

        # no camera: a card with her name, and her voice
        teacher.press_on("lesson-sender [data-part=microphone]")
        wait_for(lambda: is_publishing(stack, lesson), "the voice is sent")
        teacher.press("开始讲课")
        wait_for_pill(learner, "直播中", 15)
        wait_for_pictures(learner)
        learner.page.click("lesson-player [data-part=sound-gate]")
        wait_for_sound(learner)
        assert tracks_on(teacher) == ["audio"]
        began = now_ms()
        wait_for(lambda: Recording(lesson).duration_s > 8, "there is enough to listen to", 30)
        muted = now_ms()
        teacher.press_on("lesson-sender [data-part=microphone]")
        wait_for(lambda: teacher.ask("!window.tracks.at(-1).enabled"), "the microphone is muted")
    recording = Recording(lesson)
    assert all(500 < one.duration_ms < 2500 for one in recording.entries), recording.entries
    heard = hearing.heard(hearing.windows_of(lesson, tmp_path), began, muted)
    note("longest silence in the recording", heard.silence_ms, "ms")
    assert heard.silence_ms <= SYLLABLE_MS, heard
