"""举手: one queue, seen from both sides; a hand of somebody who left falls."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import time_machine
from flask import Flask

from app.classroom.engine.presence.keeper import Keeper
from app.classroom.engine.presence.queries import LOST_MS
from app.classroom.hands import queries
from app.classroom.hands import services as hands
from app.live import services as lives
from tests.classroom.cast import Room
from tests.classroom.test_hub import Log, hub_of, page
from tests.classroom.test_people import seat_of, step
from tests.reading import Page

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


def queue(room: Room) -> list[str]:
    """Return who is in the queue, as the newest event says it; to the manager, since whoever asks is here herself."""
    data = [one["data"] for one in room.frames("manager_elsewhere") if one["kind"].startswith("hands.")][-1]
    return [*data["floor"], "|", *data["queue"]]


def keys(room: Room, *who: str) -> list[str]:
    return [room.key(one) if one != "|" else "|" for one in who]


def desk_names(room: Room) -> list[str]:
    shown = [one["html"]["hands"] for one in room.frames("teacher") if one["kind"].startswith("hands.") and one["html"]]
    return [name for name in ("张三", "李四") if name in Page(shown[-1]).text]


def test_the_queue_is_in_the_order_in_which_hands_were_raised(room: Room) -> None:
    with time_machine.travel(START, tick=False):  # all of it within one millisecond
        for who in ("other", "guest", "learner"):
            room.do(who, "hands.raise")
        assert queue(room) == keys(room, "|", "other", "guest", "learner")
        room.do("guest", "hands.lower")
        room.do("guest", "hands.raise")
        assert queue(room) == keys(room, "|", "other", "learner", "guest")


def test_one_who_gives_another_reason_keeps_her_place_and_asking_twice_changes_nothing(room: Room) -> None:
    for who in ("learner", "other"):
        room.do(who, "hands.raise", reason="第一个问题")
    before = room.newest()
    room.do("learner", "hands.raise", reason="第一个问题")
    assert room.newest() == before
    room.do("learner", "hands.raise", reason="另一个\n问题" + "长" * 200)
    assert queue(room) == keys(room, "|", "learner", "other")
    shown = Page(room.page("teacher")).text_in("hands-queue")
    assert "另一个 问题长" in shown
    assert "长" * 101 not in shown


def test_only_the_desk_sees_names_and_reasons_of_the_queue(room: Room) -> None:
    room.do("learner", "hands.raise", reason="关于第三页")
    assert "关于第三页" in "".join(room.seen("teacher").values())
    assert "关于第三页" not in "".join(room.seen("other").values())


def test_who_has_the_floor_stands_on_the_stage_and_not_in_the_queue(room: Room) -> None:
    for who, reason in (("learner", "关于第三页"), ("other", "关于作业")):
        room.do(who, "hands.raise", reason=reason)
    room.do("teacher", "hands.call", key=room.key("learner"))
    for who in ("teacher", "assistant"):
        page = Page(room.page(who))
        on_stage, waits = page.text_in("stage-desk"), page.text_in("hands-queue")
        assert "关于第三页" in on_stage
        assert "关于第三页" not in waits
        assert "关于作业" in waits
        assert "关于作业" not in on_stage
    assert "关于第三页" not in str(room.frames("other")), "reasons are for the desk alone"


def test_please_speak_gives_the_floor_to_one_and_the_one_before_has_spoken(room: Room) -> None:
    for who in ("learner", "other", "guest"):
        room.do(who, "hands.raise")
    room.do("teacher", "hands.call", key=room.key("other"))
    assert queue(room) == keys(room, "other", "|", "learner", "guest")
    room.do("assistant", "hands.call", key=room.key("learner"))
    assert queue(room) == keys(room, "learner", "|", "guest")
    before = room.newest()
    room.do("teacher", "hands.call", key=room.key("learner"))
    assert room.newest() == before, "she has it already"
    room.do("learner", "hands.lower")
    assert queue(room) == keys(room, "|", "guest")
    assert room.refusal("teacher", "hands.call", key=room.key("learner")) == "hands.down"


def test_ones_own_place_is_true_after_a_reload(room: Room) -> None:
    for who in ("other", "learner"):
        room.do(who, "hands.raise")
    room.do("teacher", "hands.call", key=room.key("other"))
    (own,) = [one for tag, one in Page(room.page("learner")).elements if tag == "raise-hand"]
    assert own["data-me"] == room.key("learner")
    assert own["data-queue"] == f'["{room.key("learner")}"]'
    assert own["data-floor"] == f'["{room.key("other")}"]'


def test_all_down_and_the_end_of_the_lesson_lower_all(room: Room) -> None:
    for way in (lambda: room.do("teacher", "hands.clear"), lambda: lives.end(room.live, by=room.people["teacher"])):
        for who in ("learner", "other"):
            room.do(who, "hands.raise")
        way()
        assert queue(room) == ["|"]
        assert desk_names(room) == []
    assert room.refusal("learner", "hands.raise") == "hands.over"


def test_many_raise_and_lower_at_once_and_everybody_sees_the_same(room: Room) -> None:
    who = ("learner", "other", "guest", "guest2", "teacher")
    for one in who:
        room.browser(one)

    def wave(one: str) -> None:
        for deed in ("hands.raise", "hands.lower", "hands.raise", "hands.raise"):
            room.do(one, deed)

    with ThreadPoolExecutor(len(who)) as threads:
        list(threads.map(wave, who))
    assert sorted(queue(room)[1:]) == sorted(keys(room, *who))
    raised = [one["data"]["key"] for one in room.frames("other") if one["kind"] == "hands.raised"]
    assert queue(room)[1:] == [key for number, key in enumerate(raised) if key not in raised[number + 1 :]]


def test_a_hand_stays_while_its_page_comes_back_and_falls_a_minute_after_it_went(app: Flask, room: Room) -> None:
    hub, _bus = hub_of(Log())
    keeper = Keeper(app, hub)
    with time_machine.travel(START, tick=False) as clock:
        with page(hub, seat_of(room, "learner")), page(hub, seat_of(room, "other")):
            step(keeper)
            for who in ("learner", "other"):
                room.do(who, "hands.raise")
            clock.shift(3600)
            keeper._noted_at = 0.0
            step(keeper)
            hands.lower_of_those_gone()
            assert queue(room)[1:] == keys(room, "learner", "other"), "however long one waits"
        step(keeper)
        clock.shift(40)
        with page(hub, seat_of(room, "other")):
            step(keeper)
        step(keeper)
        for _ in range(2):
            clock.shift(20)
            hands.lower_of_those_gone()
        assert queue(room)[1:] == keys(room, "other"), "one came back in between"
        clock.shift(21)
        hands.lower_of_those_gone()
        assert queue(room) == ["|"]


def test_a_hand_falls_also_when_the_process_died_that_knew_of_its_page(app: Flask, room: Room) -> None:
    hub, _bus = hub_of(Log())
    with time_machine.travel(START, tick=False) as clock:
        with page(hub, seat_of(room, "learner")):
            step(Keeper(app, hub))
        room.do("learner", "hands.raise")
        clock.shift(59)
        hands.lower_of_those_gone()
        assert len(queries.queue(room.live_id)) == 1
        clock.shift(max(LOST_MS, hands.GONE_MS) // 1000)
        hands.lower_of_those_gone()
        assert len(queries.queue(room.live_id)) == 0


def test_a_hand_raised_by_one_who_opened_no_page_at_all_falls_too(room: Room) -> None:
    with time_machine.travel(START, tick=False) as clock:
        room.do("learner", "hands.raise")
        clock.shift(61)
        hands.lower_of_those_gone()
        assert queue(room) == ["|"]
