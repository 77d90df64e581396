"""Encoders that are set up in a way that browsers cannot play are served all the same, and told how to mend it."""

from __future__ import annotations

import pytest

from tests.journeys.browsers import usual_lag_ms, wait_for_live, wait_for_movement
from tests.journeys.publisher import HEVC, RARE_KEYFRAMES
from tests.journeys.stack import LEARNER, TEACHER
from tests.journeys.waiting import wait_for

pytestmark = [pytest.mark.journey, pytest.mark.browser]


@pytest.mark.parametrize(
    ("video", "why", "mend"),
    [
        (HEVC, "画面编码为 hevc，浏览器无法播放", "请把视频编码器设为 H.264"),
        (RARE_KEYFRAMES, "关键帧间隔为 8.0 秒", "请把关键帧间隔设为 1 秒"),
    ],
    ids=["HEVC by enhanced RTMP", "keyframes 8 s apart"],
)
def test_an_odd_encoder_is_watched_and_told(stack, visitor, encoder, note, video, why, mend) -> None:
    lesson = stack.lesson(f"特别的编码 {mend}")
    teacher, learner = visitor(stack.url, TEACHER), visitor(stack.url, LEARNER)
    encoder(lesson, video=video)
    teacher.open(f"{lesson.url}/studio")
    wait_for_live(teacher, 8000)
    teacher.press("开始讲课")
    learner.open(f"{lesson.url}/watch")
    wait_for_live(learner, 8000)
    wait_for_movement(learner)
    note("picture to picture", usual_lag_ms(learner) / 1000)
    wait_for(lambda: why in teacher.ask("eyes.text('#health')"), f"the studio says {why}", 25)
    said = teacher.ask("eyes.text('#health')")
    assert mend in said
    assert "重新编码" in said
