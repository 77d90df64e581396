"""访客 who make themselves anew: one machine is no audience, 500 guests behind one address are one."""

from __future__ import annotations

import random
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.classroom.engine import sockets
from app.classroom.engine.hub import TooManyPages
from app.classroom.engine.seats import Person, Seat, Side
from app.classroom.engine.wire import Outlet
from app.classroom.polls import queries as poll_queries
from app.extensions import db, limiter
from app.kernel import paces
from app.kernel.paces import Pace
from app.live import guests
from app.live.models import Audience
from tests.classroom.cast import Answer, Room
from tests.classroom.test_hub import Log, hub_of
from tests.conftest import SignIn
from tests.factories import polls
from tests.reading import Page

MACHINE, NEXT_DOOR = "203.0.113.7", "203.0.113.8"


@pytest.fixture
def room(app: Flask, sign_in: SignIn) -> Room:
    return Room(app, sign_in)


@pytest.fixture
def limited(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """New guests are counted, from none, and all come in the same moment."""
    monkeypatch.setattr(limiter, "enabled", True)
    monkeypatch.setattr(paces, "monotonic", lambda: 1000.0)
    guests.OF_A_BLOCK.forget()
    guests.OF_A_BROWSER.forget()
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False):
        yield
    guests.OF_A_BLOCK.forget()
    guests.OF_A_BROWSER.forget()


class Stranger:
    """A guest who has just opened the link, with her address and browser."""

    def __init__(self, app: Flask, room: Room, address: str = MACHINE, agent: str = "Telephone/1") -> None:
        self._client: FlaskClient = app.test_client()
        self._base, self._from = f"/live/{room.live_id}", {"REMOTE_ADDR": address, "HTTP_USER_AGENT": agent}
        with app.test_request_context():
            link = guests.link_of(room.live)
        assert self._client.get(link, environ_base=self._from).status_code == 302
        assert self._client.get(f"{self._base}/watch", environ_base=self._from).status_code == 200, (
            "she watches at once"
        )

    def ask(self, name: str, /, **fields: object) -> Answer:
        frame = {"type": "command", "n": 1, "name": name, "fields": fields}
        said: Answer = self._client.post(f"{self._base}/commands", json=frame, environ_base=self._from).get_json()
        return said


@pytest.mark.usefixtures("limited")
def test_one_machine_that_makes_itself_anew_votes_a_few_times(app: Flask, room: Room) -> None:
    poll, asked = polls.opened(room.live), room.do("other", "questions.ask", text="为什么？", nonce="1")
    said = []
    for _ in range(30):
        stranger = Stranger(app, room)
        said.append(stranger.ask("polls.answer", poll=poll.id, chosen=[1]))
        for name, fields in (
            ("questions.vote", asked),
            ("hands.raise", {}),
            ("chat.say", {"text": "我", "nonce": "1"}),
        ):
            assert stranger.ask(name, **fields)["type"] == said[-1]["type"], name
    refused = [one for one in said if one["type"] == "refused"]
    assert len(refused) == 25
    assert {one["code"] for one in refused} == {"classroom.not_yet"}
    assert "秒后" in refused[0]["mend"]
    db.session.commit()
    assert poll_queries.counts_of([poll.id])[poll.id].total == 30 - len(refused)
    assert Stranger(app, room, NEXT_DOOR).ask("hands.raise")["type"] == "done"
    room.do("learner", "polls.answer", poll=poll.id, chosen=[1])


@pytest.mark.usefixtures("limited")
def test_a_machine_that_lies_about_its_browser_is_counted_by_its_address(app: Flask, room: Room) -> None:
    """Also where it has as many addresses as it likes: of IPv6 the /64 counts."""
    said = [
        Stranger(app, room, f"2001:db8:1:1::{number:x}", f"Telephone/{number}").ask("hands.raise")["type"]
        for number in range(1, 36)
    ]
    assert said == ["done"] * 30 + ["refused"] * 5


def test_five_hundred_guests_behind_one_address_all_take_part_within_five_minutes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They open the link within a minute; a hundred of their telephones are of one kind."""
    now, dice = [0.0], random.Random(1)
    monkeypatch.setattr(paces, "monotonic", lambda: now[0])
    block = Pace(at_once=30, every_s=0.5)
    kind = Pace(at_once=5, every_s=3)
    telephones = ["the usual one"] * 100 + [f"kind {dice.randrange(60)}" for _ in range(400)]
    dice.shuffle(telephones)
    waits = []
    for number, telephone in enumerate(telephones):
        now[0] = number * 60 / 500
        waits.append(max(block.book("hall"), kind.book(("hall", telephone))))
    assert max(waits) <= 300
    assert sorted(waits)[250] <= 150
    assert (guests.OF_A_BLOCK._every_s, guests.OF_A_BROWSER._every_s) == (0.5, 3)


def test_in_slow_mode_the_guests_of_a_block_wait_for_each_other(app: Flask, room: Room) -> None:
    room.do("teacher", "chat.rules", slow_s=60, guests=True)
    strangers = [Stranger(app, room) for _ in range(20)]
    said = [one.ask("chat.say", text="借用您的时间", nonce="1") for one in strangers]
    refused = [one for one in said if one["type"] == "refused"]
    assert len(refused) >= 6, "ten at once, and one more every six seconds"
    assert {one["code"] for one in refused} == {"chat.too_soon"}
    assert [one["type"] for one in said[:10]] == ["done"] * 10
    assert Stranger(app, room, NEXT_DOOR).ask("chat.say", text="别处", nonce="1")["type"] == "done"
    room.say("learner", "有账户的人各算各的")


def test_pages_of_visitors_are_counted_for_their_block() -> None:
    hub, _bus = hub_of(Log())
    ends = socket.socketpair()

    def take(stay: ExitStack, number: int, block: str) -> None:
        seat = Seat("abc", Person(f"g{number}", "访客", None), Side.LEARNER, "guest", False, "en", "", block)
        stay.enter_context(hub.join(seat, Outlet(ends[0]), most=3, most_of_block=20))

    with ends[0], ends[1], ExitStack() as stay:
        with ExitStack() as few:
            for number in range(20):
                take(few, number, "one block")
            with pytest.raises(TooManyPages):
                take(few, 99, "one block")
            take(few, 100, "another block")
            for number in range(40):
                take(few, 1000 + number, "")  # people with accounts are counted each for herself
        for number in range(20):
            take(stay, number, "one block")
    assert sockets.MOST_OF_A_BLOCK >= 550, "an institute of 500 guests, and those who are just coming back"


@pytest.mark.parametrize(("key", "sign_in_key", "most"), [("u1", "x", 12), ("g1", "", 3), ("", "", None)])
def test_visitors_without_a_cookie_do_not_share_the_pages_of_one(key: str, sign_in_key: str, most: int | None) -> None:
    """Nobody can tell them apart: only their block of addresses has an end."""
    seat = Seat("abc", Person(key, "访客", None), Side.LEARNER, "guest", False, "en", sign_in_key, "one block")
    assert sockets.most_pages(seat) == most


# Names


@pytest.mark.parametrize(
    "typed", ["李明远", " 李 明 远 ", "李明远老师", "主讲李明远", "李明远（老师）", "赵助教", "ＬＩＮ Ming", "lin.ming"]
)
def test_a_guest_is_not_called_like_a_presenter(room: Room, typed: str) -> None:
    room.people["assistant"].real_name = "赵助教"
    room.people["teacher"].real_name = "Lin Ming" if typed.isascii() or "Ming" in typed else "李明远"
    db.session.commit()
    reply = room.browser("guest").post(f"/live/{room.live_id}/guest", data={"name": typed})
    assert reply.status_code == 409
    assert "这个名字属于" in reply.text
    assert "访客 " in room.page("guest")


@pytest.mark.parametrize("typed", ["李明", "李明远航", "张三", "老师", ""])
def test_other_names_are_free(room: Room, typed: str) -> None:
    assert room.browser("guest").post(f"/live/{room.live_id}/guest", data={"name": typed}).status_code == 302


def test_a_name_that_was_free_elsewhere_is_not_hers_where_it_is_a_presenters(app: Flask, room: Room) -> None:
    other = room.own_lesson()
    other.audience = Audience.EVERYONE
    other.owner, other.presenters = room.people["manager"], []
    db.session.commit()
    guest = room.browser("guest")
    assert guest.post(f"/live/{other.id}/guest", data={"name": "李明远"}).status_code == 302
    room.do("guest", "hands.raise")
    queue = room.page("teacher")
    assert "访客 " in queue.partition('id="hands-queue"')[2].partition("</section>")[0]
    assert "李明远" not in queue.partition('id="hands-queue"')[2].partition("</section>")[0]


# The mark


def test_wherever_a_guest_has_a_name_she_is_marked(room: Room) -> None:
    """Hands, messages, quotations, what is pinned, questions, answers to polls, the list, and those put out."""
    name = "赵铁柱"
    room.browser("guest").post(f"/live/{room.live_id}/guest", data={"name": name})
    room.do("guest", "hands.raise", reason="想提问")
    said = room.say("guest", "访客写的")
    room.say("learner", "回复她", reply=said)
    room.do("teacher", "chat.pin", message=said)
    room.do("guest", "questions.ask", text="访客问的", nonce="1")
    poll = room.do("teacher", "polls.new", kind="text", question="写一句")
    room.do("teacher", "polls.open", **poll)
    room.do("guest", "polls.answer", **poll, text="访客答的")
    room.do("teacher", "chat.mute", key=room.comes("guest"))
    shown = {
        f"{who} {where}": html
        for who in ("teacher", "other")
        for where, html in (room.seen(who) | {"frames": fragments(room, who)}).items()
    }
    room.do("teacher", "room.put_out", key=room.key("guest"))
    shown["put out"] = room.browser("teacher").get(f"/live/{room.live_id}/people").text
    shown["results"] = room.browser("teacher").get(f"/live/{room.live_id}/polls/{poll['poll']}/results").text
    unmarked, seen = [], 0
    for where, html in shown.items():
        words = Page(html).text
        for found in re.finditer(name, words):
            seen += 1
            around = words[max(0, found.start() - 8) : found.end() + 12]
            is_button = any(verb in around[:8] for verb in ("禁言", "解除"))
            if not is_button and "访客" not in words[found.end() : found.end() + 12]:
                unmarked.append((where, around))
    assert unmarked == []
    assert seen > 15


def fragments(room: Room, who: str) -> str:
    """Return the HTML of every event, as live pages and the replay put it into the page."""
    return "\n".join(html for frame in room.frames(who) for html in frame["html"].values())
