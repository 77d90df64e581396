"""What pages report, and what of it counts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from decimal import Decimal
from socket import socketpair
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from app.classroom.engine.hub import Hub
from app.classroom.engine.seats import Seat, Side
from app.classroom.engine.wire import Outlet
from app.classroom.rollcall import queries as rollcalls
from app.classroom.stage.post import Post
from app.credits.counting import queries
from app.credits.counting import services as counting
from app.credits.counting.collecting import Report
from app.credits.counting.teaching import Teaching
from app.credits.rules.rule import ReplayCounts, Rule
from app.extensions import db
from app.kernel import clock
from app.kernel.bus import Bus, bus
from app.live import services as lives
from tests.classroom.cast import Room
from tests.classroom.test_hub import Log, hub_of
from tests.classroom.test_stage import Pages
from tests.conftest import SignIn
from tests.credits.watching import S, Watching
from tests.factories import media


def test_what_was_played_counts_once_however_often_it_is_said(watching: Watching) -> None:
    watching.wait(30)
    answer = watching.report("learner", (600, 620), (590, 610), whole=True)
    assert answer == {
        "watched_ms": 30 * S, "why": "", "stretches": [[watching.began_ms + 590 * S, watching.began_ms + 620 * S]],
    }  # fmt: skip
    assert watching.report("learner", (600, 620))["watched_ms"] == 30 * S
    assert watching.stored_s("learner") == 30


def test_everybody_has_her_own_and_guests_and_the_desk_have_none(watching: Watching) -> None:
    answers = {who: watching.report(who) for who in ("other", "guest", "teacher", "assistant")}
    assert {who: answer["why"] for who, answer in answers.items()} == {
        "other": "", "guest": "guest", "teacher": "teaches", "assistant": "teaches",
    }  # fmt: skip
    watching.wait(20)
    for who in answers:
        watching.report(who, (600, 620))
    assert queries.watched(watching.room.live_id).keys() == {
        watching.room.people[who].id for who in ("learner", "other")
    }
    assert watching.stored_s("other") == 20
    assert watching.stored_s("learner") == 0


def test_a_rule_may_count_those_who_teach(watching: Watching) -> None:
    watching.rule(teachers_too=True)
    watching.report("teacher")
    watching.wait(20)
    assert watching.report("teacher", (600, 620)) == {"watched_ms": 20 * S, "why": ""}


def test_who_teaches_in_the_studio_counts_while_the_lesson_is_on_air_if_the_rule_says_so(
    watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = watching.room.person("teacher")
    seat = Seat(watching.room.live_id, person, Side.DESK, "teacher", True, "zh_CN", "x")
    hub = Hub(Bus(), "nothing", read=lambda known: {}, head=lambda live_id: 0)
    said: list[Report] = []
    monkeypatch.setattr("app.credits.counting.teaching.collector", lambda: SimpleNamespace(put=said.append))
    line, far_end = socketpair()
    with line, far_end, hub.join(seat, Outlet(line)):
        for teachers_too, seconds in ((False, 60), (True, 65)):
            watching.rule(teachers_too=teachers_too)
            monkeypatch.setattr("app.credits.counting.teaching.rule_for", counting.rule_for)
            teaching = Teaching()
            for _ in range(seconds):
                watching.wait(1)
                teaching.count(hub)
    counting.write(said)
    assert 60 <= watching.stored_s("teacher") <= 66


@pytest.mark.parametrize("looked_s", [0, 4, 9])
def test_a_minute_on_the_stage_counts_as_a_minute_though_her_player_rests(
    app: Flask, watching: Watching, monkeypatch: pytest.MonkeyPatch, looked_s: int
) -> None:
    room = watching.room
    hub, _bus = hub_of(Log())
    monkeypatch.setitem(app.extensions, "hub", hub)
    monkeypatch.setitem(app.extensions, "stage_post", Post(app, hub, bus))
    said: list[Report] = []
    monkeypatch.setattr("app.credits.counting.teaching.collector", lambda: SimpleNamespace(put=said.append))
    teaching = Teaching()

    def go_on(seconds: int) -> None:
        for _ in range(seconds):
            watching.wait(1)
            db.session.commit()  # the keeper looks with a session of its own
            teaching.count(hub)

    with ExitStack() as stay:
        pages = Pages(app, room, hub, stay)
        pages.open("learner")
        go_on(30 + looked_s)
        watching.report("learner", (600, 630 + looked_s))
        before_s = watching.stored_s("learner")
        room.do("learner", "hands.raise", way="voice")
        room.do("teacher", "hands.call", key=room.key("learner"))
        pages.do("learner", "stage.enter")
        go_on(60)
        pages.do("learner", "stage.leave")
        watching.wait(1)  # the player loads, and plays nothing yet
        go_on(20)
    counting.write(said)
    assert abs(watching.stored_s("learner") - before_s - 60) <= 2


def test_a_pause_and_what_is_to_come_count_nothing(watching: Watching) -> None:
    live = watching.room.live
    live.stream.air = [[watching.began_ms, watching.began_ms + 605 * S], [watching.began_ms + 615 * S, None]]
    db.session.commit()
    watching.wait(25)
    assert watching.report("learner", (600, 700))["watched_ms"] == 15 * S


def test_twice_the_speed_counts_twice_the_media_and_three_times_nothing(watching: Watching) -> None:
    watching.wait(10)
    watching.report("learner", (0, 20), speed=2)
    assert watching.stored_s("learner") == 20
    watching.wait(10)
    assert watching.report("learner", (100, 130), speed=3) == {"watched_ms": 20 * S, "why": "too_fast"}


def test_a_minute_without_a_line_is_not_punished(watching: Watching) -> None:
    watching.wait(10)
    watching.report("learner", (600, 610))
    watching.wait(70)
    assert watching.report("learner", (610, 680))["watched_ms"] == 80 * S


def test_who_comes_back_after_a_while_is_not_paid_for_what_lies_between(watching: Watching) -> None:
    watching.wait(300)
    assert watching.report("learner", (600, 900)) == {"watched_ms": 5 * S, "why": "limit"}


def test_two_lessons_at_once_bring_as_much_as_one(watching: Watching, app: Flask, sign_in: SignIn) -> None:
    other = watching.room.own_lesson()
    media.pieces(other.stream, watching.began_ms / S, watching.began_ms / S + 1200)
    other.stream.air = [[watching.began_ms, None]]
    db.session.commit()

    def report_there(*numbers: int) -> Any:
        frame = {"name": "credits.watched", "fields": {"since": watching.began_ms, "pieces": list(numbers)}}
        said = watching.room.browser("learner").post(f"/live/{other.id}/commands", json=frame)
        return said.get_json()["data"]

    report_there()
    for _ in range(6):
        watching.wait(10)
        start = watching.now_ms - watching.began_ms - 10 * S
        watching.report("learner", (start / S, start / S + 10))
        answer = report_there(start, start + 10 * S, 1000, 0)
    assert answer["why"] == "other_lesson"
    user_id = watching.room.people["learner"].id
    assert 60 <= watching.stored_s("learner") + queries.watched_s(other.id, user_id) <= 65


def test_the_most_of_a_day_is_said_and_time_goes_on_being_counted(
    watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = Rule(minutes_per_hour=1, most_per_day=Decimal("0.5"))
    monkeypatch.setattr(counting, "rule_for", lambda live: rule)
    monkeypatch.setattr("app.credits.counting.daily.rules_for", lambda lives: {live.id: rule for live in lives})
    watching.wait(20)
    assert watching.report("learner", (600, 620))["why"] == ""
    watching.wait(15)
    assert watching.report("learner", (620, 635)) == {"watched_ms": 35 * S, "why": "limit"}


def test_facts_are_kept_and_change_nothing(watching: Watching) -> None:
    watching.wait(30)
    watching.report("learner", (600, 610), facts=1)
    watching.report("learner", (610, 630), facts=2 | 4)
    share = queries.share(watching.room.live_id, watching.room.people["learner"].id)
    assert share is not None
    assert (share.watched_s, share.muted_ms, share.hidden_ms, share.apart_ms) == (30, 10 * S, 20 * S, 20 * S)


@pytest.mark.parametrize(
    ("rule", "after_s", "counts"),
    [
        (Rule(), 364 * 86_400, 20),
        (Rule(), 366 * 86_400, 0),
        (Rule(replay=ReplayCounts.FULLY), 400 * 86_400, 20),
        (Rule(replay=ReplayCounts.NO), 3600, 0),
        (Rule(replay=ReplayCounts.FOR_DAYS, replay_days=2), 86_400, 20),
        (Rule(replay=ReplayCounts.FOR_DAYS, replay_days=2), 3 * 86_400, 0),
    ],
)
def test_the_rule_says_until_when_the_replay_counts(
    watching: Watching, monkeypatch: pytest.MonkeyPatch, rule: Rule, after_s: int, counts: int
) -> None:
    monkeypatch.setattr(counting, "rule_for", lambda live: rule)
    live = watching.room.live
    lives.end(live, by=watching.room.people["teacher"])
    live.ended_at_ms = watching.now_ms
    live.stream.air = [[watching.began_ms, watching.now_ms]]
    db.session.commit()
    watching.wait(after_s)
    watching.report("learner")
    watching.wait(20)
    answer = watching.report("learner", (100, 120))
    assert answer == {"watched_ms": counts * S, "why": "" if counts else "no_replay"}
    share = queries.share(live.id, watching.room.people["learner"].id)
    assert share is not None
    assert (share.on_air, len(share.replayed)) == ([], int(counts > 0))


def test_what_was_played_before_the_end_counts_as_live_a_moment_later(watching: Watching) -> None:
    watching.rule(replay=ReplayCounts.NO)
    live = watching.room.live
    live.ended_at_ms = clock.now_ms()
    lives.end(live, by=watching.room.people["teacher"])
    watching.now_ms = (live.ended_at_ms or 0) + 10 * S
    watching.report("learner")
    assert watching.report("learner", (0, 3))["why"] == ""
    assert watching.report("other", (0, 3))["why"] == "no_replay"


def test_many_who_report_at_once_are_all_written(app: Flask, watching: Watching) -> None:
    watching.report("other")
    watching.wait(40)
    whos = ("learner", "other") * 4
    for who in whos:
        watching.room.browser(who)
    with ThreadPoolExecutor(8) as threads:
        pieces = [(600.0 + at, 610.0 + at) for at in (0, 0, 10, 10, 20, 20, 30, 30)]
        list(threads.map(watching.report, whos, pieces))
    assert (watching.stored_s("learner"), watching.stored_s("other")) == (40, 40)


def test_presence_checks_are_planned_when_the_lecture_begins_and_nobody_drops_them(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "rule_for", lambda live: Rule(checks_per_hour=3))
    live = room.live
    live.starts_at_ms, live.ends_at_ms = clock.now_ms(), clock.now_ms() + 2 * 3_600_000
    db.session.commit()
    lives.pause(live, by=room.people["teacher"])
    lives.resume(live, by=room.people["teacher"])
    planned = [one.due_ms for one in rollcalls.planned(live.id)]
    assert len(planned) == 6
    lives.pause(live, by=room.people["teacher"])
    lives.resume(live, by=room.people["teacher"])
    room.do("teacher", "rollcall.plan", count=1, length_s=60)
    assert len(rollcalls.planned(live.id)) == 7
    room.do("teacher", "rollcall.drop")
    db.session.commit()
    assert [one.due_ms for one in rollcalls.planned(live.id)] == planned
