"""The classroom's socket, over a real connection to a real server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from itertools import count, islice
from typing import Any, Protocol

import pytest
import websocket
from flask import Flask
from werkzeug.serving import make_server

from app.accounts import services as account_services
from app.accounts.models import SignIn as SignInRow
from app.accounts.models import User
from app.classroom.engine import commands, sockets
from app.classroom.engine.hub import Hub
from app.extensions import db
from app.kernel.access import Who
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import unit_of_work
from app.live import guests, services
from app.live.models import Audience, LiveSession
from app.roles.models import Grant
from app.timeline import services as timeline_services
from tests.conftest import SignIn
from tests.factories import accounts, roles, units
from tests.factories import live as lives


@pytest.fixture
def server(app: Flask) -> Iterator[str]:
    """Serve the app on a free port of this machine and give its host and port."""
    running = make_server("127.0.0.1", 0, app, threaded=True)
    running.daemon_threads = True  # a socket that a failed test left open keeps nobody waiting
    running.block_on_close = False
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield f"127.0.0.1:{running.server_port}"
    running.shutdown()
    thread.join()
    running.server_close()


class Page:
    """An open watch page, as far as its socket goes."""

    def __init__(self, socket: websocket.WebSocket) -> None:
        self.socket = socket

    def next(self) -> dict[str, Any]:
        """Return the next frame that is no ping and no number that changes by itself."""
        frame: dict[str, Any] = json.loads(self.socket.recv())
        return self.next() if frame["type"] in {"ping", "told"} else frame

    def close_code(self) -> int:
        opcode, data = self.socket.recv_data(control_frame=True)
        while opcode != websocket.ABNF.OPCODE_CLOSE:
            opcode, data = self.socket.recv_data(control_frame=True)
        return int.from_bytes(data[:2], "big")


class Opener(Protocol):
    def __call__(
        self, user: User | None, live_id: str, *, query: str = "", origin: str = "", visit: str = ""
    ) -> Page: ...


@pytest.fixture
def open_page(server: str, sign_in: SignIn) -> Iterator[Opener]:
    """Opens pages, and closes them all in the end."""
    opened: list[websocket.WebSocket] = []

    def opener(user: User | None, live_id: str, *, query: str = "", origin: str = "", visit: str = "") -> Page:
        browser = sign_in(user)
        if visit:
            browser.get(visit)
        cookies = browser._cookies
        socket = websocket.create_connection(
            f"ws://{server}/live/{live_id}/socket?{query}",
            cookie="; ".join(f"{one.key}={one.value}" for one in cookies.values()),
            origin=origin or f"http://{server}",
            timeout=5,
        )
        opened.append(socket)
        return Page(socket)

    yield opener
    for socket in opened:
        socket.shutdown()


def test_a_page_is_greeted_and_hears_what_happens(open_page: Opener, learner: User, lesson: LiveSession) -> None:
    page = open_page(learner, lesson.id)
    assert page.next()["type"] == "hello"
    services.start(lesson, by=lesson.owner)
    frame = page.next()
    assert (frame["id"], frame["kind"], frame["data"]["state"]) == (1, "live.state", "interrupted")
    assert 'id="live-state"' in frame["html"]["state"]
    services.pause(lesson, by=lesson.owner, message="十分钟后继续")
    frame = page.next()
    assert (frame["id"], frame["data"]["state"]) == (2, "paused")
    assert "十分钟后继续" in frame["html"]["state"]


def test_an_answer_that_others_work_on_keeps_no_other_waiting(
    open_page: Opener, learner: User, lesson: LiveSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow: Future[Mapping[str, Any]] = Future()
    monkeypatch.setitem(
        commands._entries, "test.later", commands.Entry("test.later", Who.WATCHER, lambda _seat: slow, {}, True)
    )
    page = open_page(learner, lesson.id)
    assert page.next()["type"] == "hello"
    for number, name in ((1, "test.later"), (2, "clock.ask")):
        page.socket.send(json.dumps({"type": "command", "n": number, "name": name, "fields": {}}))
    assert (page.next()["n"], slow.done()) == (2, False)
    slow.set_result({"is": "there"})
    assert page.next() == {"type": "done", "n": 1, "data": {"is": "there"}}


def test_a_page_that_comes_back_gets_what_it_missed_and_nothing_twice(
    open_page: Opener, learner: User, teacher: User
) -> None:
    live = lives.on_air(teacher)
    services.pause(live, by=teacher)
    services.resume(live, by=teacher)
    seen = 1
    page = open_page(learner, live.id, query=f"after={seen}")
    assert page.next()["last"] == 3
    services.pause(live, by=teacher)
    assert [page.next()["id"] for _ in range(3)] == [2, 3, 4]


def test_a_page_that_missed_a_whole_lesson_misses_nothing(
    open_page: Opener, learner: User, lesson: LiveSession
) -> None:
    with unit_of_work():
        for _ in range(1100):
            timeline_services.append(lesson.id, "live.state", lesson.status())
    page = open_page(learner, lesson.id)
    assert page.next()["last"] == 1100
    missed = [page.next() for _ in range(1100)]
    assert [frame["id"] for frame in missed] == list(range(1, 1101))
    drawn = [frame["id"] for frame in missed if frame["html"]]
    assert drawn == [300, 600, 900, 1100], "once for each part of the backlog: all show what is true now"


def test_what_happens_between_the_look_at_the_door_and_the_seat_is_not_missed(
    open_page: Opener, monkeypatch: pytest.MonkeyPatch, app: Flask, learner: User, lesson: LiveSession
) -> None:
    early = open_page(learner, lesson.id)
    assert early.next()["type"] == "hello"
    join, live_id, status = Hub.join, lesson.id, lesson.status()

    def something_happens() -> None:
        with app.app_context():
            timeline_services.append(live_id, "live.state", status)
            db.session.remove()

    def join_late(hub: Hub, *args: Any, **kwargs: Any) -> Any:
        other = threading.Thread(target=something_happens)  # as another request would
        other.start()
        other.join()
        assert early.next()["id"] == 1, "the tail has brought it to all who sat there"
        return join(hub, *args, **kwargs)

    monkeypatch.setattr(Hub, "join", join_late)
    late = open_page(learner, lesson.id)
    assert late.next()["type"] == "hello"
    assert late.next()["id"] == 1


@pytest.mark.parametrize("after", ["99999999999999999999", "-5", "abc", ""])
def test_an_id_that_never_was_is_taken_for_the_nearest(
    open_page: Opener, learner: User, lesson: LiveSession, after: str
) -> None:
    page = open_page(learner, lesson.id, query=f"after={after}")
    assert page.next()["type"] == "hello"
    services.start(lesson, by=lesson.owner)
    assert page.next()["id"] == 1


def test_everybody_reads_their_own_language(open_page: Opener, learner: User, teacher: User) -> None:
    live = lives.on_air(teacher)
    page = open_page(learner, live.id)
    page.next()
    assert "直播中" in page.next()["html"]["state"]


def test_a_page_is_told_that_the_line_is_alive(open_page: Opener, learner: User, lesson: LiveSession) -> None:
    page = open_page(learner, lesson.id)
    texts = [page.socket.recv() for _ in range(2)]
    assert [json.loads(text)["type"] for text in texts] == ["hello", "ping"]


def test_a_foreign_page_is_refused(open_page: Opener, learner: User, lesson: LiveSession) -> None:
    page = open_page(learner, lesson.id, origin="https://evil.example")
    assert page.close_code() == 4403


def test_a_visitor_is_refused_where_an_account_is_needed(open_page: Opener, lesson: LiveSession) -> None:
    assert open_page(None, lesson.id).close_code() == 4401


def test_an_unknown_lesson_is_not_there(open_page: Opener, learner: User) -> None:
    assert open_page(learner, "nothing").close_code() == 4404


def test_an_open_studio_is_a_presenter_seen(open_page: Opener, lesson: LiveSession) -> None:
    page = open_page(lesson.owner, lesson.id, query="studio=1")
    page.next()
    db.session.refresh(lesson)
    assert lesson.presenter_seen_ms > 0


def test_a_learner_is_no_presenter(open_page: Opener, learner: User, lesson: LiveSession) -> None:
    page = open_page(learner, lesson.id, query="studio=1")
    page.next()
    db.session.refresh(lesson)
    assert lesson.presenter_seen_ms == 0


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judges every seat anew at every look."""
    monkeypatch.setattr(sockets, "PING_EVERY_S", 0.02)


def end_sign_ins(user: User) -> None:
    with unit_of_work():
        db.session.query(SignInRow).filter_by(user_id=user.id).delete()


def end_grants(user: User) -> None:
    with unit_of_work():
        db.session.query(Grant).filter_by(user_id=user.id).delete()


@pytest.mark.usefixtures("always")
class TestWhoMayNotStay:
    """What was allowed at the door is taken away while the page is open."""

    def test_a_closed_account_is_shown_the_door(self, open_page: Opener, learner: User, lesson: LiveSession) -> None:
        page = open_page(learner, lesson.id)
        page.next()
        account_services.close_account(learner)
        assert page.close_code() == 4401

    def test_one_who_was_signed_out_elsewhere_is_too_even_where_visitors_may_watch(
        self, open_page: Opener, learner: User, teacher: User
    ) -> None:
        page = open_page(learner, lives.lesson(teacher, audience=Audience.EVERYONE).id)
        page.next()
        end_sign_ins(learner)
        assert page.close_code() == 4401

    def test_one_who_left_the_unit_does_not_see_its_lesson_any_more(self, open_page: Opener, teacher: User) -> None:
        institute = units.institute()
        member = accounts.user(unit=institute)
        owner = roles.holding(accounts.user(unit=institute), Permission.LIVE_MANAGE)
        page = open_page(member, lives.lesson(owner, audience=Audience.DEPARTMENT).id)
        page.next()
        with unit_of_work():
            member.unit = units.academy()
        assert page.close_code() == 4404

    def test_a_presenter_who_lost_the_role_is_put_out_and_not_seen_any_more(
        self, open_page: Opener, lesson: LiveSession
    ) -> None:
        page = open_page(lesson.owner, lesson.id, query="studio=1")
        page.next()
        end_grants(lesson.owner)
        assert page.close_code() == 4403
        with unit_of_work():
            lesson.presenter_seen_ms = 1
        page.socket.shutdown()
        db.session.refresh(lesson)
        assert lesson.presenter_seen_ms == 1

    def test_one_who_may_stay_stays(self, open_page: Opener, learner: User, lesson: LiveSession) -> None:
        page = open_page(learner, lesson.id)
        types = (json.loads(page.socket.recv())["type"] for _ in count())
        events = (one for one in types if one != "told")  # how many are there is told at some moment
        assert list(islice(events, 4)) == ["hello", "ping", "ping", "ping"]
        services.start(lesson, by=lesson.owner)
        assert page.next()["id"] == 1

    def test_a_visitor_stays_where_visitors_may_watch(self, open_page: Opener, teacher: User) -> None:
        page = open_page(None, lives.lesson(teacher, audience=Audience.EVERYONE).id)
        types = (json.loads(page.socket.recv())["type"] for _ in count())
        events = (one for one in types if one != "told")  # how many are there is told at some moment
        assert list(islice(events, 4)) == ["hello", "ping", "ping", "ping"]

    def test_a_guest_is_let_out_when_the_link_is_reissued(
        self, app: Flask, open_page: Opener, lesson: LiveSession
    ) -> None:
        with app.test_request_context():
            link = guests.link_of(lesson).removeprefix("http://localhost")
        page = open_page(None, lesson.id, visit=link)
        assert page.next()["type"] == "hello"
        guests.reissue(lesson)
        assert page.close_code() == 4410
