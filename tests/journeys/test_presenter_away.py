"""临时离开 for longer than five minutes: the lesson ends by itself, but only when no presenter is there."""

from __future__ import annotations

import time

import pytest

from tests.journeys.browsers import wait_for_pill
from tests.journeys.stack import LEARNER
from tests.journeys.test_bad_days import on_air
from tests.journeys.waiting import wait_for

pytestmark = [pytest.mark.journey, pytest.mark.browser]

SIX_MINUTES_MS = 360_000


def test_a_lesson_that_its_presenter_has_left_ends_by_itself(stack, visitor, encoder) -> None:
    lesson, teacher = on_air(stack, visitor, encoder, "老师走了的课")
    learner = visitor(stack.url, LEARNER)
    learner.open(f"{lesson.url}/watch")
    wait_for_pill(learner, "直播中")
    teacher.press("临时离开")
    wait_for_pill(learner, "缓冲中")

    def let_time_pass(column: str) -> None:
        stack.change(f"UPDATE live_session SET {column} = {column} - ? WHERE id = ?", SIX_MINUTES_MS, lesson.id)

    # the service has been well all the while: after an outage of its own it would wait anew
    stack.change("UPDATE pulse SET since_ms = since_ms - ?", 2 * SIX_MINUTES_MS)

    # six minutes with the studio open: nothing happens
    let_time_pass("state_since_ms")
    passed = time.monotonic()
    wait_for(lambda: time.monotonic() - passed > 3, "the deadlines were looked at")
    assert stack.state_of(lesson) == "away"

    # the studio is closed, and nobody was there for six minutes
    closed_ms = time.time() * 1000
    teacher.page.close()
    seen = "SELECT presenter_seen_ms FROM live_session WHERE id = ?"
    wait_for(lambda: stack.row(seen, lesson.id)[0] >= closed_ms, "the service has noticed that the studio is closed")
    assert stack.state_of(lesson) == "away"
    let_time_pass("presenter_seen_ms")
    wait_for_pill(learner, "已结束")
    assert stack.state_of(lesson) == "ended"
