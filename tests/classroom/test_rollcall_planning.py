"""Moments for roll-calls: within the rest of the lesson, apart from one another, and not to be foreseen."""

from __future__ import annotations

from itertools import pairwise

import hypothesis.strategies as st
import pytest
from hypothesis import given

from app.classroom.rollcall.planning import APART_MS, LENGTHS_S, MARGIN_MS, draw, room_for

NOW = 1_800_000_000_000
MINUTE_MS = 60_000


@given(rest_ms=st.integers(0, 5 * 3_600_000), length_s=st.sampled_from(LENGTHS_S), count=st.integers(1, 10))
def test_every_moment_keeps_its_distance(rest_ms: int, length_s: int, count: int) -> None:
    if count > room_for(NOW, NOW + rest_ms, length_s):
        return
    moments = draw(NOW, NOW + rest_ms, length_s, count)
    assert len(moments) == count
    assert moments == sorted(moments)
    assert moments[0] >= NOW + MARGIN_MS
    assert moments[-1] <= NOW + rest_ms - MARGIN_MS
    assert moments[-1] + length_s * 1000 <= NOW + rest_ms, "it is over before the end"
    for before, after in pairwise(moments):
        assert after - before >= APART_MS
        assert after - before >= length_s * 1000 + MINUTE_MS, "nobody is asked twice without a pause"


@pytest.mark.parametrize(
    ("minutes", "length_s", "room"),
    [
        (0, 60, 0),
        (1.9, 60, 0),
        (2, 60, 1),
        (3.9, 60, 1),
        (4, 60, 2),
        (20, 60, 10),
        (60, 300, 10),
        (6, 300, 1),
        (5, 300, 0),
    ],
)
def test_there_is_room_for_so_many(minutes: float, length_s: int, room: int) -> None:
    assert room_for(NOW, NOW + int(minutes * MINUTE_MS), length_s) == room


def test_the_least_room_leaves_one_choice() -> None:
    assert draw(NOW, NOW + 4 * MINUTE_MS, 60, 2) == [NOW + MINUTE_MS, NOW + 3 * MINUTE_MS]


def test_every_part_of_the_lesson_is_as_likely() -> None:
    third_ms = 20 * MINUTE_MS
    drawn = [draw(NOW, NOW + 62 * MINUTE_MS, 60, 1)[0] - NOW - MARGIN_MS for _ in range(3000)]
    for part in range(3):
        assert 850 < sum(1 for one in drawn if part * third_ms <= one < (part + 1) * third_ms) < 1150
