"""参与人员: who is here, also in a hall of five thousand."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextvars import Context
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask

from app.classroom.engine.hub import Hub
from app.classroom.engine.presence import queries, services
from app.classroom.engine.presence.keeper import Keeper
from app.classroom.engine.presence.models import Presence
from app.classroom.engine.seats import Person, Seat, Side
from app.classroom.people.views import people_view
from app.extensions import db
from app.kernel import clock
from app.kernel.unit_of_work import unit_of_work
from tests.classroom.cast import Room
from tests.classroom.test_hub import Log, hub_of, page
from tests.counting import count_queries
from tests.reading import Page

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)

HALL = 5000
QUICK_S = 0.1


def seat_of(room: Room, who: str, *, side: Side = Side.LEARNER, part: str = "learner") -> Seat:
    return Seat(room.live_id, room.person(who), side, part, False, "zh_CN", "key")


def rows(room: Room, count: int, *, left: bool = False) -> None:
    """Have people of forty units be here, and one guest in ten."""
    now = clock.now_ms()
    with unit_of_work():
        db.session.execute(
            Presence.__table__.insert(),
            [
                {
                    "live_id": room.live_id,
                    "key": f"{'gone' if left else 'g' if number % 10 == 0 else 'u'}{number}",
                    "user_id": None if number % 10 == 0 else room.people["learner"].id,
                    "name": f"学员{number:04}",
                    "unit": "" if number % 10 == 0 else f"第{number % 40:02}研究所",
                    "part": "guest" if number % 10 == 0 else "learner",
                    "entered_ms": now,
                    "seen_ms": now,
                    "left_ms": now if left else None,
                }
                for number in range(count)
            ],
        )


class TestHall:
    """Five thousand are here, and as many have left."""

    @pytest.fixture(autouse=True)
    def _full(self, room: Room) -> None:
        rows(room, HALL)
        rows(room, HALL, left=True)

    @pytest.mark.parametrize("side", list(Side))
    @pytest.mark.parametrize("q", ["", "学员4", "没有这个人"])
    def test_the_list_is_there_at_once(self, app: Flask, room: Room, side: Side, q: str) -> None:
        with app.test_request_context():
            people_view(room.live, side, q)
            took = []
            for _ in range(5):
                began = time.perf_counter()
                people_view(room.live, side, q)
                took.append(time.perf_counter() - began)
        assert min(took) < QUICK_S

    def test_the_numbers_are_there_at_once(self, room: Room) -> None:
        took = []
        for _ in range(5):
            began = time.perf_counter()
            counts = queries.counts(room.live_id)
            took.append(time.perf_counter() - began)
        assert (counts.total, counts.guests, counts.signed_in) == (HALL, 500, 4500)
        assert min(took) < QUICK_S

    def test_the_page_shows_the_numbers_the_units_and_the_first_hundred(self, room: Room) -> None:
        for who in ("teacher", "learner"):
            shown = Page(room.browser(who).get(f"/live/{room.live_id}/people").text)
            assert "5000" in shown.text_in("people-found")
            assert len([one for _tag, one in shown.elements if one.get("class") == "person"]) == queries.SHOWN + (
                who == "teacher"
            )
        units = queries.units_here(room.live_id)
        assert units[0] == ("", 500), "guests"
        assert sum(count for _unit, count in units) == HALL

    def test_whoever_is_not_among_them_is_found_by_name(self, room: Room) -> None:
        found = room.browser("teacher").get(f"/live/{room.live_id}/people?q=员4999").text
        assert "学员4999" in found
        assert [one.name for one in queries.here(room.live_id, q="学员4999")] == ["学员4999"]


@pytest.mark.parametrize("who", ["teacher", "learner", "guest"])
def test_the_list_takes_as_many_queries_for_three_as_for_three_hundred(room: Room, who: str) -> None:
    counted = []
    browser = room.browser(who)
    for count in (3, 300):
        with unit_of_work():
            db.session.query(Presence).delete()
        rows(room, count)
        with count_queries() as statements:
            assert browser.get(f"/live/{room.live_id}/people").status_code == 200
        counted.append(len(statements))
    assert counted[0] == counted[1]
    assert counted[0] < 25


@pytest.mark.parametrize(("q", "found"), [("张", {"张三"}), ("三", {"张三"}), ("%", set()), ("_", set()), ("\\", set()),
                                          ("", {"张三", "李四"}), ("李四 ", {"李四"}), ("x" * 500, set())])  # fmt: skip
def test_one_is_found_by_any_part_of_the_name(room: Room, q: str, found: set[str]) -> None:
    services.note(entered=[seat_of(room, "learner"), seat_of(room, "other")])
    page = room.browser("admin").get(f"/live/{room.live_id}/people", query_string={"q": q}).text
    assert {name for name in ("张三", "李四") if name in page} == found


def test_the_desk_sees_how_many_of_each_unit_are_here_and_can_do_something_about_learners(room: Room) -> None:
    seats = [seat_of(room, who) for who in ("learner", "other", "manager_elsewhere")]
    seats += [seat_of(room, "teacher", side=Side.DESK, part="teacher")]
    seats += [Seat(room.live_id, Person("gx", "访客甲", None), Side.LEARNER, "guest", False, "zh_CN", "")]
    services.note(entered=seats)
    here, elsewhere = room.people["learner"].unit.name, room.people["manager_elsewhere"].unit.name
    assert queries.units_here(room.live_id) == [(here, 3), ("", 1), (elsewhere, 1)]
    assert queries.here(room.live_id)[0].name == "李明远", "who teaches comes first"
    for who, desk in (("assistant", True), ("learner", False), ("guest", False)):
        shown = Page(room.browser(who).get(f"/live/{room.live_id}/people").text)
        assert "访客甲" in shown.text
        assert any("people__units" in one.get("class", "") for _tag, one in shown.elements) == desk
        offered = [one["data-fields"] for _tag, one in shown.elements if one.get("data-command") == "room.put_out"]
        assert len(offered) == (9 if desk else 0), "twice for each learner, thrice for a guest, never for who teaches"


def test_those_who_were_muted_or_put_out_are_listed_for_the_desk_only(room: Room) -> None:
    room.do("teacher", "chat.mute", key=room.comes("learner"))
    for who, listed in (("teacher", True), ("other", False)):
        shown = room.browser(who).get(f"/live/{room.live_id}/people").text
        assert ("room.let_in" in shown) == listed
        assert ("王五" in shown) == listed


def step(keeper: Keeper) -> None:
    """Let the keeper look, as its thread does, with a session of its own."""
    db.session.commit()
    Context().run(keeper.step)


class TestKeeper:
    """Notes who comes and goes, once a second."""

    @pytest.fixture
    def hub(self) -> Hub:
        return hub_of(Log())[0]

    @pytest.fixture
    def keeper(self, app: Flask, hub: Hub) -> Keeper:
        return Keeper(app, hub)

    @pytest.fixture
    def at(self) -> Iterator[Callable[[float], None]]:
        """Stops the clock; the function moves it."""
        with time_machine.travel(START, tick=False) as traveller:
            yield traveller.shift

    def names(self, room: Room) -> list[str]:
        db.session.rollback()
        return sorted(one.name for one in queries.people_present(room.live_id))

    def test_who_closes_the_page_falls_out_and_who_has_another_one_stays(
        self, room: Room, hub: Hub, keeper: Keeper
    ) -> None:
        with page(hub, seat_of(room, "learner")):
            with page(hub, seat_of(room, "learner")), page(hub, seat_of(room, "other")):
                step(keeper)
                assert self.names(room) == ["张三", "李四"]
            step(keeper)
            assert self.names(room) == ["张三"]
        step(keeper)
        assert self.names(room) == []

    def test_who_comes_back_was_never_away_for_the_log(
        self, room: Room, hub: Hub, keeper: Keeper, at: Callable[[float], None]
    ) -> None:
        for _ in range(2):
            with page(hub, seat_of(room, "learner")):
                step(keeper)
            step(keeper)
            at(30)
        row = db.session.get(Presence, (room.live_id, room.key("learner")))
        assert row
        assert row.entered_ms == int(START.timestamp() * 1000), "for the first time"

    def stays(self, room: Room) -> list[tuple[float, float]]:
        """Return when 张三 was there, in seconds since the first moment."""
        db.session.rollback()
        start = int(START.timestamp() * 1000)
        found = queries.visits(room.live_id, start - 1, start + 86_400_000)
        return [((a - start) / 1000, (b - start) / 1000) for one in found if one.name == "张三" for a, b in one.stays]

    def test_each_stay_is_kept_and_a_page_that_is_loaded_anew_is_none(
        self, room: Room, hub: Hub, keeper: Keeper, at: Callable[[float], None]
    ) -> None:
        for away_s in (5, 600):
            with page(hub, seat_of(room, "learner")):
                step(keeper)
                at(60)
            step(keeper)
            at(away_s)
        with page(hub, seat_of(room, "learner")):
            step(keeper)
            at(30)
            assert self.stays(room) == [(0, 125), (725, 755)], "the last one lasts"

    def test_an_outage_leaves_no_stay_that_never_ends(
        self, app: Flask, room: Room, hub: Hub, keeper: Keeper, at: Callable[[float], None]
    ) -> None:
        with page(hub, seat_of(room, "learner")):
            step(keeper)
            at(20)
            keeper._noted_at = 0.0
            step(keeper)
        at(3600)
        assert self.stays(room) == [(0, 20)], "the process died; she was last noted then"
        with page(hub, seat_of(room, "learner")):
            step(Keeper(app, hub))
            at(10)
        assert self.stays(room) == [(0, 20), (3620, 3630)], "she has come again"
        at(10)
        services.note(left={(room.live_id, room.key("learner"))})
        assert self.stays(room) == [(0, 20), (3620, 3640)]

    def test_who_leaves_one_process_and_stays_on_a_page_of_another_was_not_away(
        self, app: Flask, room: Room, hub: Hub, keeper: Keeper, at: Callable[[float], None]
    ) -> None:
        with page(hub, seat_of(room, "learner")):
            step(keeper)
            services.note(entered=[seat_of(room, "learner")])
            at(10)
            services.note(left={(room.live_id, room.key("learner"))})
            at(10)
            keeper._noted_at = 0.0
            step(keeper)
            at(100)
        step(keeper)
        assert self.stays(room) == [(0, 120)]

    def test_who_stays_is_here_for_hours(
        self, room: Room, hub: Hub, keeper: Keeper, at: Callable[[float], None]
    ) -> None:
        with page(hub, seat_of(room, "learner")):
            for _ in range(20):
                keeper._noted_at = 0.0  # its own clock is the machine's
                step(keeper)
                at(queries.LOST_MS / 1000 - 1)
                assert self.names(room) == ["张三"]

    def test_when_a_process_dies_its_people_fall_out_by_themselves(
        self, room: Room, hub: Hub, keeper: Keeper, at: Callable[[float], None]
    ) -> None:
        with page(hub, seat_of(room, "learner")):
            step(keeper)
        at(queries.LOST_MS / 1000 - 1)
        assert self.names(room) == ["张三"]
        at(2)
        assert self.names(room) == []

    def test_a_page_that_asks_is_here_as_long_as_it_does(self, room: Room, at: Callable[[float], None]) -> None:
        for _ in range(10):
            room.browser("guest").get(f"/live/{room.live_id}/events?after=0")
            at(queries.LOST_MS / 1000 - 1)
            assert len(self.names(room)) == 1
        at(2)
        assert self.names(room) == []

    def test_a_whole_hall_that_comes_in_at_once_takes_few_queries(self, app: Flask, room: Room) -> None:
        seats = [
            Seat(room.live_id, Person(f"u{number}", f"学员{number}", None), Side.LEARNER, "learner", False, "zh_CN", "")
            for number in range(2000)
        ]
        with count_queries() as statements:
            services.note(entered=seats)
        assert queries.counts(room.live_id).total == 2000
        assert len(statements) < 12
        with count_queries() as statements:
            services.note(left={(room.live_id, seat.person.key) for seat in seats})
        assert queries.counts(room.live_id).total == 0
        assert len(statements) < 12


def test_a_presenter_who_looks_on_as_a_learner_sees_what_learners_see_and_is_nobody_there(room: Room) -> None:
    room.say("learner", "只给老师的话", to_desk=True)
    room.say("other", "给大家的话")
    teacher = room.browser("teacher")
    watch = f"/live/{room.live_id}/watch"
    looks = teacher.get(f"{watch}?as_learner=1").text
    assert "只给老师的话" in teacher.get(watch).text
    assert "只给老师的话" not in looks
    assert "给大家的话" in looks
    for name in ("data-command", "data-directs"):
        hers, learners = ({one.get(name) for _tag, one in Page(text).elements} for text in (looks, room.page("other")))
        assert hers <= learners, name
    # parts that the page fetches later are a learner's as well
    here = {"HX-Request": "true", "HX-Current-URL": f"http://localhost/live/{room.live_id}/watch?as_learner=1"}
    earlier = teacher.get(f"/live/{room.live_id}/chat?before={room.newest() + 1}", headers=here).text
    assert "给大家的话" in earlier
    assert "只给老师的话" not in earlier
    assert "room.put_out" not in teacher.get(f"/live/{room.live_id}/people", headers=here).text
    # she is not counted, and what she presses goes nowhere
    frames = teacher.get(f"/live/{room.live_id}/events?as_learner=1&after=0").get_json()
    assert not any("只给老师的话" in json.dumps(frame, ensure_ascii=False) for frame in frames)
    frame = {"type": "command", "name": "chat.say", "fields": {"text": "x", "nonce": "n"}}
    said = teacher.post(f"/live/{room.live_id}/commands?as_learner=1", json=frame).get_json()
    assert said["code"] == "classroom.only_looks"
    assert [one.key for one in queries.people_present(room.live_id) if one.part == "teacher"] == []
    # a learner's address that says so changes nothing
    assert "只给老师的话" not in room.browser("other").get(f"{watch}?as_learner=1").text
    said = room.browser("learner").post(f"/live/{room.live_id}/commands?as_learner=1", json=frame).get_json()
    assert said["type"] == "done"
