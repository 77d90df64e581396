"""The stage: who comes up, who is heard of where, and to which pages a page may speak."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.accounts.models import SignIn as SignInRow
from app.classroom.engine import commands, sockets
from app.classroom.engine.hub import Hub
from app.classroom.engine.presence.keeper import Keeper
from app.classroom.engine.seats import Side
from app.classroom.hands import services as hands
from app.classroom.stage import services as stage
from app.classroom.stage.models import StageSignal
from app.classroom.stage.post import Post
from app.extensions import db
from app.kernel import clock
from app.kernel.bus import bus
from app.kernel.unit_of_work import unit_of_work
from app.live import services as lives
from app.live.models import LiveMode
from media_worker.contract import VOICE_PATH, mix_signature, voice_signature
from tests.classroom.cast import DESK, Answer, Room
from tests.classroom.test_hub import Log, Page, hub_of, page
from tests.classroom.test_people import seat_of, step
from tests.journeys.waiting import wait_for
from tests.reading import Page as Shown

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)

Ask = Callable[..., Answer]


@pytest.fixture
def hub(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """The hub of this process, with pages that tests open, and its post."""
    hub, _bus = hub_of(Log())
    monkeypatch.setitem(app.extensions, "hub", hub)
    monkeypatch.setitem(app.extensions, "stage_post", Post(app, hub, bus))
    return hub


class Pages:
    """Open pages with websockets, by who has them."""

    def __init__(self, app: Flask, room: Room, hub: Hub, stay: ExitStack) -> None:
        self._app, self._room, self._hub, self._stay = app, room, hub, stay
        self.seats: dict[str, Any] = {}

    def open(self, who: str, name: str = "", hub: Hub | None = None) -> Page:
        """Open somebody's page."""
        self._room.browser(who)
        person = self._room.person(who)
        key = db.session.scalars(select(SignInRow.key).where(SignInRow.user_id == person.user_id)).first() or ""
        side = Side.DESK if who in DESK else Side.LEARNER
        seat = replace(
            seat_of(self._room, who, side=side), person=person, sign_in_key=key, page=name or f"page-of-{who}"
        )
        self.seats[who] = seat
        return self._stay.enter_context(page(hub or self._hub, seat))

    def ask(self, who: str, name: str, /, **fields: Any) -> Answer:
        """Send a command by somebody's socket."""
        with self._app.app_context(), self._app.test_request_context():
            return sockets.answer(self.seats[who], {"n": 1, "name": name, "fields": fields})

    def do(self, who: str, name: str, /, **fields: Any) -> Answer:
        said = self.ask(who, name, **fields)
        assert said["type"] == "done", (who, name, said)
        data: Answer = said["data"]
        return data

    def refusal(self, who: str, name: str, /, **fields: Any) -> str:
        said = self.ask(who, name, **fields)
        assert said["type"] == "refused", (who, name, said)
        return str(said["code"])


@pytest.fixture
def pages(app: Flask, room: Room, hub: Hub) -> Iterator[Pages]:
    with ExitStack() as stay:
        yield Pages(app, room, hub, stay)


def heard(one: Page) -> Answer:
    """Return what a page is told next."""
    frame: Answer = json.loads(one.next())
    return frame


def signals() -> int:
    """Count what was written down for pages of other processes."""
    db.session.commit()
    return db.session.query(StageSignal).count()


def called(room: Room, pages: Pages, *who: str) -> None:
    """Have people come to the stage, beside each other."""
    for one in who:
        room.do(one, "hands.raise", way="both")
        room.do("teacher", "hands.call", key=room.key(one), keep=True)
        pages.open(one)
        pages.do(one, "stage.enter")


def on_stage(room: Room, who: str = "manager_elsewhere") -> list[str]:
    """Return who is on the stage with a page, as the newest event says it."""
    data = [one["data"] for one in room.frames(who) if one["kind"].startswith("stage.")][-1]
    return [member["name"] + ("*" if member["host"] else "") for member in data["members"] if member["page"]]


def stages(room: Room, who: str = "learner") -> list[tuple[str, str]]:
    return [
        (one["kind"], one["data"].get("name", ""))
        for one in room.frames(who)
        if one["kind"] in {"stage.joined", "stage.left"}
    ]


def test_who_is_called_comes_with_her_page_and_the_timeline_says_from_when_until_when(room: Room, pages: Pages) -> None:
    with time_machine.travel(START, tick=False) as clock:
        pages.open("teacher")
        pages.do("teacher", "stage.enter", host=True)
        pages.open("learner")
        assert pages.refusal("learner", "stage.enter") == "stage.no_floor"
        room.do("learner", "hands.raise", way="voice")
        assert pages.refusal("learner", "stage.enter") == "stage.no_floor", "a raised hand is no call"
        room.do("teacher", "hands.call", key=room.key("learner"))
        clock.shift(3)
        entered = pages.do("learner", "stage.enter")
        assert [(one["name"], one["page"]) for one in entered["members"]] == [
            ("李明远", "page-of-teacher"),
            ("张三", "page-of-learner"),
        ]
        clock.shift(60)
        pages.do("learner", "stage.leave")
        frames = room.frames("other")
    at = {one["kind"]: one["at"] for one in frames if one["kind"] in {"stage.joined", "stage.left"}}
    assert at["stage.left"] - at["stage.joined"] == 60_000
    assert stages(room, "manager") == [("stage.joined", "张三"), ("stage.left", "张三")]
    assert on_stage(room) == ["李明远*"]
    assert pages.refusal("learner", "stage.enter") == "stage.no_floor", "her hand is down"


def test_a_page_that_comes_back_takes_the_place_of_the_one_before_and_joins_nothing_anew(
    room: Room, pages: Pages
) -> None:
    called(room, pages, "learner")
    pages.do("learner", "stage.enter")
    before = pages.seats["learner"]
    pages.open("learner", "page-reloaded")
    members = pages.do("learner", "stage.enter")["members"]
    assert [one["page"] for one in members] == ["page-reloaded"]
    assert stages(room) == [("stage.joined", "张三")]
    pages.seats["learner"] = before
    assert pages.do("learner", "stage.leave") == {}
    assert on_stage(room) == ["张三"], "a page that is not on the stage takes nobody off it"


def test_please_speak_swaps_and_keeping_ends_with_the_seats(app: Flask, room: Room, pages: Pages) -> None:
    called(room, pages, "learner", "other")
    assert sorted(on_stage(room)) == ["张三", "李四"]
    room.do("guest", "hands.raise", way="voice")
    app.config["STAGE_SEATS"] = 2
    assert room.refusal("teacher", "hands.call", key=room.key("guest"), keep=True) == "hands.full"
    room.do("assistant", "hands.call", key=room.key("guest"))
    assert on_stage(room) == []
    assert stages(room)[-2:] == [("stage.left", "张三"), ("stage.left", "李四")]
    assert pages.refusal("learner", "stage.enter") == "stage.no_floor"


def test_the_desk_mutes_puts_down_and_clears_and_who_waits_goes_on_waiting(room: Room, pages: Pages) -> None:
    called(room, pages, "learner", "other")
    room.do("guest", "hands.raise")
    room.do("assistant", "stage.mute", key=room.key("other"))
    data = [one["data"] for one in room.frames("learner") if one["kind"] == "stage.changed"][-1]
    assert {one["name"]: one["muted"] for one in data["members"]} == {"张三": False, "李四": True}
    room.do("assistant", "hands.dismiss", key=room.key("other"))
    assert on_stage(room) == ["张三"]
    room.do("assistant", "stage.clear")
    assert on_stage(room) == []
    waiting = [one["data"] for one in room.frames("teacher") if one["kind"].startswith("hands.")][-1]
    assert (waiting["queue"], waiting["floor"]) == ([room.key("guest")], [])


def test_only_a_presenter_is_the_host_and_the_newest_host_is_the_one(room: Room, pages: Pages) -> None:
    for who in ("teacher", "admin", "assistant", "learner"):
        pages.open(who)
    assert pages.refusal("assistant", "stage.enter", host=True) == "forbidden"
    assert pages.refusal("learner", "stage.enter", host=True) == "forbidden"
    pages.do("teacher", "stage.enter", host=True)
    pages.do("admin", "stage.enter", host=True)
    assert on_stage(room) == ["管理员*"]
    pages.do("teacher", "stage.leave")
    assert on_stage(room) == ["管理员*"]
    pages.do("admin", "stage.leave")
    assert on_stage(room) == []


def test_put_out_and_the_end_of_the_lesson_take_off_the_stage(room: Room, pages: Pages) -> None:
    pages.open("teacher")
    pages.do("teacher", "stage.enter", host=True)
    room.comes("learner")
    called(room, pages, "learner", "other")
    room.do("teacher", "room.put_out", key=room.key("learner"))
    assert on_stage(room) == ["李明远*", "李四"]
    lives.end(room.live, by=room.people["teacher"])
    assert on_stage(room) == []
    assert stages(room, "other")[-1] == ("stage.left", "李四")
    assert pages.refusal("teacher", "stage.enter", host=True) == "live.already_ended"


class TestSignals:
    """`stage.signal` goes from one page on the stage to one other, and nowhere else."""

    def test_it_reaches_one_page_and_says_from_whom(self, room: Room, pages: Pages) -> None:
        studio = pages.open("teacher")
        pages.do("teacher", "stage.enter", host=True)
        second = pages.open("teacher", "second-window")
        pages.open("other")
        called(room, pages, "learner")
        pages.do("learner", "stage.signal", to="page-of-teacher", about='{"sdp": 1}')
        told = heard(studio)
        assert (told["type"], told["kind"]) == ("told", "stage.signal")
        data = told["data"]
        assert data["about"] == '{"sdp": 1}'
        assert (data["from"], data["key"], data["host"]) == ("page-of-learner", room.key("learner"), False)
        second.connection.outlet.write(b"\x81\x01-")
        assert second.next() == "-", "a second window of hers hears nothing of it"

    @pytest.mark.parametrize("who", ["other", "learner2", "teacher", "assistant", "manager_elsewhere", "barred"])
    def test_strangers_to_the_stage_are_refused(self, room: Room, pages: Pages, who: str) -> None:
        called(room, pages, "learner")
        person = "learner" if who == "learner2" else who
        pages.open(person, f"strange-{who}")
        code = pages.refusal(person, "stage.signal", to="page-of-learner", about="{}")
        assert code == ("classroom.put_out" if who == "barred" else "stage.not_on")

    def test_nobody_off_the_stage_and_no_other_lesson_is_reached(self, room: Room, pages: Pages) -> None:
        called(room, pages, "learner")
        pages.open("other")
        for to in ("page-of-other", "page-of-nobody", "page-of-learner", ""):
            assert pages.refusal("learner", "stage.signal", to=to, about="{}") == "stage.not_on", to
        elsewhere = room.own_lesson()
        pages.open("teacher")
        pages.seats["teacher"] = replace(pages.seats["teacher"], live_id=elsewhere.id)
        pages.do("teacher", "stage.enter", host=True)
        assert pages.refusal("teacher", "stage.signal", to="page-of-learner", about="{}") == "stage.not_on"

    def test_a_page_that_claims_the_name_of_another_one_hears_nothing(self, room: Room, pages: Pages) -> None:
        studio = pages.open("teacher")
        pages.do("teacher", "stage.enter", host=True)
        thief = pages.open("other", "page-of-teacher")
        called(room, pages, "learner")
        pages.do("learner", "stage.signal", to="page-of-teacher", about="secret")
        assert heard(studio)["data"]["about"] == "secret"
        thief.connection.outlet.write(b"\x81\x01-")
        assert thief.next() == "-"
        assert pages.refusal("other", "stage.signal", to="page-of-learner", about="{}") == "stage.not_on"

    def test_who_was_taken_off_or_put_out_is_refused_at_once(self, room: Room, pages: Pages) -> None:
        pages.open("teacher")
        pages.do("teacher", "stage.enter", host=True)
        room.comes("other")
        called(room, pages, "learner", "other")
        room.do("teacher", "hands.dismiss", key=room.key("learner"))
        assert pages.refusal("learner", "stage.signal", to="page-of-teacher", about="{}") == "stage.not_on"
        assert pages.refusal("teacher", "stage.signal", to="page-of-learner", about="{}") == "stage.not_on"
        room.do("teacher", "room.put_out", key=room.key("other"))
        assert pages.refusal("other", "stage.signal", to="page-of-teacher", about="{}") == "classroom.put_out"

    def test_the_way_of_voices_by_the_server_is_given_to_pages_on_the_stage_alone(
        self, app: Flask, room: Room, pages: Pages
    ) -> None:
        called(room, pages, "learner")
        address = urlsplit(pages.do("learner", "stage.voice")["address"])
        said = dict(parse_qsl(address.query))
        until_s, secret = int(said["until"]), app.config["WORKER_SECRET"]
        assert address.path == VOICE_PATH
        assert 25 <= until_s - clock.now_ms() / 1000 <= 31
        assert said["signature"] == voice_signature(secret, room.live.id, "page-of-learner", until_s)
        assert (said["lesson"], said["page"]) == (room.live.id, "page-of-learner")
        pages.open("other")
        pages.open("teacher")
        room.do("teacher", "hands.dismiss", key=room.key("learner"))
        for who in ("other", "teacher", "learner"):
            assert pages.refusal(who, "stage.voice") == "stage.not_on", who

    def test_the_way_of_voices_into_what_an_encoder_sends_is_given_to_the_host_alone(
        self, app: Flask, room: Room, pages: Pages
    ) -> None:
        pages.open("teacher")
        called(room, pages, "learner")
        for who in ("teacher", "learner"):
            assert pages.refusal(who, "stage.voice", mix=True) == "stage.not_on", who
        pages.do("teacher", "stage.enter", host=True)
        said = dict(parse_qsl(urlsplit(pages.do("teacher", "stage.voice", mix=True)["address"]).query))
        stream, page, secret = room.live.stream_id, "page-of-teacher.mix", app.config["WORKER_SECRET"]
        assert (said["lesson"], said["page"], said["stream"]) == (room.live.id, page, stream)
        assert said["signature"] == mix_signature(secret, stream, room.live.id, page, int(said["until"]))

    def test_it_has_an_allowance_of_its_own_and_a_length(
        self, app: Flask, room: Room, pages: Pages, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pages.open("teacher")
        pages.do("teacher", "stage.enter", host=True)
        called(room, pages, "learner")
        long = "x" * (stage.LONGEST_SIGNAL + 1)
        assert pages.refusal("learner", "stage.signal", to="page-of-teacher", about=long) == "stage.too_long"
        monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", True)
        monkeypatch.setattr(commands, "_buckets", commands._Buckets())
        monkeypatch.setattr(commands.time, "monotonic", lambda: 1000.0)
        codes = [pages.ask("learner", "stage.signal", to="page-of-teacher", about="{}").get("code") for _ in range(70)]
        assert codes == [None] * 60 + ["classroom.too_fast"] * 10
        assert room.ask("learner", "chat.say", text="我还能打字", nonce="still")["type"] == "done"

    def test_a_page_without_websocket_is_told_why(self, room: Room) -> None:
        room.do("learner", "hands.raise", way="voice")
        room.do("teacher", "hands.call", key=room.key("learner"))
        said = room.ask("learner", "stage.enter")
        assert said["code"] == "stage.no_socket"
        assert "WebSocket" in said["message"]

    def test_it_reaches_a_page_of_another_process(self, app: Flask, room: Room, pages: Pages) -> None:
        there, _bus = hub_of(Log())
        post = Post(app, there, bus)
        pages.open("teacher")
        pages.do("teacher", "stage.enter", host=True)
        called(room, pages, "learner")
        pages.open("other", hub=there)
        room.do("other", "hands.raise")
        room.do("teacher", "hands.call", key=room.key("other"), keep=True)
        pages.do("other", "stage.enter")
        other = pages.open("other", hub=there)
        post.serve(room.live_id, "page-of-other")
        for number in range(3):
            pages.do("learner", "stage.signal", to="page-of-other", about=str(number))
        assert [heard(other)["data"]["about"] for _ in range(3)] == ["0", "1", "2"]
        wait_for(lambda: signals() == 0, "what was delivered is gone")

    def test_what_nobody_takes_is_forgotten_after_half_a_minute(self, room: Room, pages: Pages) -> None:
        with time_machine.travel(START, tick=False) as clock:
            with ExitStack() as stay:
                gone = Pages(pages._app, room, pages._hub, stay)
                called(room, gone, "other")
            called(room, pages, "learner")
            pages.do("learner", "stage.signal", to="page-of-other", about="{}")
            clock.shift(29)
            stage.keep_order()
            assert signals() == 1
            clock.shift(2)
            stage.keep_order()
            assert signals() == 0


def test_credentials_for_turn_are_for_members_and_end_within_an_hour(app: Flask, room: Room, pages: Pages) -> None:
    app.config |= {
        "STUN_URLS": ("stun:turn.example.cn",),
        "TURN_URLS": ("turns:turn.example.cn:443?transport=tcp",),
        "TURN_SECRET": "of the academy",
    }
    pages.open("other")
    assert pages.refusal("other", "stage.enter") == "stage.no_floor"
    room.do("learner", "hands.raise")
    room.do("teacher", "hands.call", key=room.key("learner"))
    pages.open("learner")
    with time_machine.travel(START, tick=False):
        stun, turn = pages.do("learner", "stage.enter")["ice"]
    assert stun == {"urls": ["stun:turn.example.cn"]}
    name = f"{int(START.timestamp()) + 3600}:{room.key('learner')}"
    password = base64.b64encode(hmac.new(b"of the academy", name.encode(), hashlib.sha1).digest()).decode()
    assert turn == {"urls": ["turns:turn.example.cn:443?transport=tcp"], "username": name, "credential": password}
    everything = json.dumps([room.frames(who) for who in ("learner", "other", "teacher")])
    assert password not in everything


def test_turns_end_by_themselves_and_the_next_one_is_called(room: Room, pages: Pages) -> None:
    with time_machine.travel(START, tick=False) as clock:
        assert room.refusal("teacher", "stage.rules", turn_s=3601) == "stage.no_such_rules"
        assert room.refusal("teacher", "stage.rules", layout="round") == "stage.no_such_rules"
        room.do("assistant", "stage.rules", turn_s=120, next_by_itself=True)
        for who in ("learner", "other"):
            room.do(who, "hands.raise")
        room.do("assistant", "stage.next")
        clock.shift(119)
        stage.keep_order()
        assert floor(room) == [room.key("learner")]
        changed = [one["data"] for one in room.frames("other") if one["kind"] == "stage.changed"][-1]
        assert changed["members"][0]["until_ms"] == START.timestamp() * 1000 + 120_000
        clock.shift(1)
        stage.keep_order()
        assert floor(room) == [room.key("other")]
        clock.shift(120)
        stage.keep_order()
        assert floor(room) == []


def test_who_ends_her_turn_early_hands_over_to_the_next_one(room: Room, pages: Pages) -> None:
    room.do("teacher", "stage.rules", turn_s=120, next_by_itself=True)
    for who in ("learner", "other", "guest"):
        room.do(who, "hands.raise", way="voice")
    room.do("teacher", "stage.next")
    pages.open("learner")
    pages.do("learner", "stage.enter")
    pages.do("learner", "stage.leave")
    assert floor(room) == [room.key("other")], "结束发言"
    room.do("other", "hands.lower")
    assert floor(room) == [room.key("guest")], "暂不发言"
    room.do("learner", "hands.raise", way="voice")
    room.do("teacher", "hands.dismiss", key=room.key("guest"))
    assert floor(room) == [], "the desk has ended a turn, and begins the next one"


def test_the_seat_of_one_who_has_gone_is_kept_for_a_minute_and_then_the_next_one_is_called(
    app: Flask, room: Room, pages: Pages, hub: Hub
) -> None:
    keeper = Keeper(app, hub)
    with time_machine.travel(START, tick=False) as clock:
        room.do("teacher", "stage.rules", turn_s=120, next_by_itself=True)
        pages.open("other")
        with ExitStack() as stay:
            Pages(app, room, hub, stay).open("learner")
            step(keeper)
            for who in ("learner", "other"):
                room.do(who, "hands.raise", way="voice")
            room.do("teacher", "stage.next")
        step(keeper)
        for seconds, key in ((59, room.key("learner")), (2, room.key("other"))):
            clock.shift(seconds)
            keeper._noted_at = 0.0
            step(keeper)
            hands.lower_of_those_gone()
            assert floor(room) == [key]


def test_where_the_desk_calls_nobody_is_called_by_herself(room: Room) -> None:
    room.do("teacher", "stage.rules", turn_s=120)
    for who in ("learner", "other"):
        room.do(who, "hands.raise")
    room.do("teacher", "stage.next")
    room.do("learner", "hands.lower")
    assert floor(room) == []


def floor(room: Room) -> list[str]:
    keys: list[str] = [one["data"] for one in room.frames("teacher") if one["kind"].startswith("hands.")][-1]["floor"]
    return keys


def test_where_speaking_is_free_a_seat_is_taken_without_a_call(app: Flask, room: Room, pages: Pages) -> None:
    app.config["STAGE_SEATS"] = 1
    for who in ("learner", "other"):
        pages.open(who)
    room.do("teacher", "stage.rules", free=True)
    pages.do("learner", "stage.enter")
    assert floor(room) == [room.key("learner")]
    assert pages.refusal("other", "stage.enter") == "hands.full"
    pages.do("learner", "stage.leave")
    pages.do("other", "stage.enter")
    assert on_stage(room) == ["李四"]


def test_the_desk_changes_the_order_of_those_who_wait(room: Room) -> None:
    for who in ("learner", "other", "guest"):
        room.do(who, "hands.raise")
    keys = {who: room.key(who) for who in ("learner", "other", "guest")}
    room.do("assistant", "hands.move", key=keys["guest"], before=keys["other"])
    assert waiting(room) == [keys["learner"], keys["guest"], keys["other"]]
    room.do("assistant", "hands.move", key=keys["learner"])
    assert waiting(room) == [keys["guest"], keys["other"], keys["learner"]]
    assert room.refusal("teacher", "hands.move", key=keys["guest"], before="u999999") == "hands.down"


def waiting(room: Room) -> list[str]:
    keys: list[str] = [one["data"] for one in room.frames("teacher") if one["kind"].startswith("hands.")][-1]["queue"]
    return keys


def test_a_host_whose_studio_is_closed_is_the_host_no_more(app: Flask, room: Room, pages: Pages, hub: Hub) -> None:
    keeper = Keeper(app, hub)
    with time_machine.travel(START, tick=False) as clock:
        with ExitStack() as stay:
            studio = Pages(app, room, hub, stay)
            studio.open("teacher")
            studio.do("teacher", "stage.enter", host=True)
            step(keeper)
        step(keeper)
        clock.shift(29)
        stage.keep_order()
        assert on_stage(room) == ["李明远*"]
        clock.shift(2)
        stage.keep_order()
        assert on_stage(room) == []


def test_a_host_who_stays_remains_the_host(app: Flask, room: Room, pages: Pages, hub: Hub) -> None:
    keeper = Keeper(app, hub)
    with time_machine.travel(START, tick=False) as clock:
        pages.open("teacher")
        pages.do("teacher", "stage.enter", host=True)
        step(keeper)
        clock.shift(15)
        stage.keep_order()
        assert on_stage(room) == ["李明远*"], "she is noted every 15 s only"


@pytest.mark.parametrize(("mode", "way"), [(LiveMode.LECTURE_HALL, ""), (LiveMode.SMALL_CLASS, "voice")])
def test_in_a_small_class_one_speaks_by_voice_unless_one_says_otherwise(room: Room, mode: LiveMode, way: str) -> None:
    with unit_of_work():
        room.live.mode = mode
    radios = [one for tag, one in Shown(room.page("learner")).elements if tag == "input" and one.get("name") == "way"]
    assert [one["value"] for one in radios] == ["", "voice", "both"]
    assert [one["value"] for one in radios if "checked" in one] == [way]


def test_only_learners_have_a_seat_and_only_presenters_a_host(room: Room) -> None:
    tags = {who: {tag for tag, _one in Shown(room.page(who)).elements} for who in ("learner", "teacher", "assistant")}
    assert {who for who in tags if "stage-seat" in tags[who]} == {"learner"}
    assert {who for who in tags if "stage-host" in tags[who]} == {"teacher"}
    assert {who for who in tags if "hand-order" in tags[who]} == set(), "nobody waits"
