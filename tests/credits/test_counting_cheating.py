"""Forged reports gain nothing beyond rule and clock; docs/credits.md says what cannot be told apart from watching."""

from __future__ import annotations

import pytest

from app.credits.counting import judging
from app.credits.counting.judging import Fact, Lesson, Piece, Spending, Tally, Why, judge, pieces_of
from app.credits.counting.stretches import length_ms
from tests.credits.watching import S, Watching


def test_the_future_and_the_time_before_the_lecture_bring_nothing(watching: Watching) -> None:
    watching.wait(20)
    answer = watching.report("learner", (620, 3600), (-3600, 0), (5000, 9000))
    assert answer["watched_ms"] == 0


def test_pieces_that_overlap_count_once(watching: Watching) -> None:
    watching.wait(20)
    assert watching.report("learner", (0, 20), (5, 15), (0, 20), (10, 20))["watched_ms"] == 20 * S


def test_ten_times_the_speed_brings_nothing_and_a_lie_about_it_no_more_than_the_clock(watching: Watching) -> None:
    watching.wait(10)
    assert watching.report("learner", (0, 100), speed=10) == {"watched_ms": 0, "why": "too_fast"}
    assert watching.report("learner", (0, 100), speed=1)["watched_ms"] <= 15 * S
    watching.wait(10)
    assert watching.report("learner", (0, 600), speed=2)["watched_ms"] <= 15 * S + 20 * S


def test_a_speed_of_nearly_nothing_costs_more_and_not_less(watching: Watching) -> None:
    watching.wait(20)
    assert watching.report("learner", (0, 600), speed=0.001)["watched_ms"] <= 25 * S * judging.LEAST_SPEED


def test_a_frame_that_is_played_back_brings_nothing(watching: Watching) -> None:
    for _ in range(50):
        watching.report("learner", (590, 600))
    first = watching.stored_s("learner")
    assert first <= 5
    watching.wait(3600)
    watching.report("learner")
    for _ in range(10):
        watching.report("learner", (590, 600))
    assert watching.stored_s("learner") <= 10


def test_fifty_tabs_bring_as_much_as_one(watching: Watching) -> None:
    watching.wait(10)
    for tab in range(50):
        watching.report("learner", (tab * 10, tab * 10 + 10))
    assert 10 <= watching.stored_s("learner") <= 15


def test_nobody_reports_for_somebody_else(watching: Watching) -> None:
    room, other = watching.room, watching.room.people["other"]
    watching.wait(20)
    for field in ("user_id", "person", "seat", "key"):
        forged = {"since": watching.began_ms, "pieces": [], field: other.id}
        assert room.refusal("learner", "credits.watched", **forged) == "classroom.malformed"
    watching.report("learner", (600, 620))
    assert (watching.stored_s("learner"), watching.stored_s("other")) == (20, 0)


def test_who_was_put_out_reports_nothing_any_more(watching: Watching) -> None:
    room = watching.room
    assert room.refusal("barred", "credits.watched", since=0) == "classroom.put_out"


def test_a_script_that_plays_nothing_gets_what_the_clock_allows_and_no_more(watching: Watching) -> None:
    """It cannot be told apart from a page that plays: it must be there all the time, and gains no more than that."""
    for _ in range(12):
        watching.wait(10)
        watching.report("learner", (0, 1200), speed=2)
    assert watching.stored_s("learner") <= 2 * (120 + 5)


def test_pieces_without_number_end_at_a_limit() -> None:
    lesson = Lesson("x", [(0, 10**9)], 2, is_replay=False)
    spending, tally = Spending(0, 10**8), Tally(0, 10**8)
    dust = [Piece(at * 10, at * 10 + 1, 1.0, Fact(0)) for at in range(judging.MOST_STRETCHES + 50)]
    assert judge(dust, 10**8, lesson, spending, tally) is Why.LIMIT
    assert length_ms(tally.on_air) == judging.MOST_STRETCHES


@pytest.mark.parametrize(
    "numbers", [[5, 5, 1000, 0], [9, 5, 1000, 0], [-5, 5, 1000, 0], [0, 5, 0, 0], [0, 5, -1, 0], [0, 5]]
)
def test_what_is_no_piece_is_none(numbers: list[int]) -> None:
    assert pieces_of(0, numbers) == []
