"""The classroom's socket, over a real connection to a real server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import simple_websocket
from flask import Flask
from werkzeug.serving import make_server

from app.accounts.models import User
from app.extensions import db
from app.live import services
from app.live.models import LiveSession
from tests.conftest import SignIn
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

    def __init__(
        self, sign_in: SignIn, user: User | None, host: str, live_id: str, *, query: str = "", origin: str = ""
    ):
        cookies = sign_in(user)._cookies
        cookie = "; ".join(f"{one.key}={one.value}" for one in cookies.values())
        headers = {"Cookie": cookie, "Origin": origin or "http://127.0.0.1"}  # its Host header has no port
        self.socket = simple_websocket.Client.connect(f"ws://{host}/live/{live_id}/socket?{query}", headers=headers)

    def next(self) -> dict[str, Any]:
        text = self.socket.receive(timeout=5)
        assert text is not None, "nothing came within five seconds"
        frame: dict[str, Any] = json.loads(text)
        return self.next() if frame["type"] == "ping" else frame

    def close_code(self) -> int:
        try:
            while self.socket.receive(timeout=5) is not None:
                pass
        except simple_websocket.ConnectionClosed as closed:
            return closed.reason
        raise AssertionError("still open")


def test_a_page_is_greeted_and_hears_what_happens(
    server: str, sign_in: SignIn, learner: User, lesson: LiveSession
) -> None:
    page = Page(sign_in, learner, server, lesson.id)
    assert page.next()["type"] == "hello"
    services.start(lesson, by=lesson.owner)
    frame = page.next()
    assert (frame["id"], frame["kind"], frame["data"]["state"]) == (1, "live.state", "interrupted")
    assert 'id="live-state"' in frame["html"]["state"]
    services.pause(lesson, by=lesson.owner, message="十分钟后继续")
    frame = page.next()
    assert (frame["id"], frame["data"]["state"]) == (2, "paused")
    assert "十分钟后继续" in frame["html"]["state"]
    page.socket.close()


def test_a_page_that_comes_back_gets_what_it_missed_and_nothing_twice(
    server: str, sign_in: SignIn, learner: User, teacher: User
) -> None:
    live = lives.on_air(teacher)
    services.pause(live, by=teacher)
    services.resume(live, by=teacher)
    seen = 1
    page = Page(sign_in, learner, server, live.id, query=f"after={seen}")
    assert page.next()["last"] == 3
    services.pause(live, by=teacher)
    assert [page.next()["id"] for _ in range(3)] == [2, 3, 4]
    page.socket.close()


def test_everybody_reads_their_own_language(
    server: str, app: Flask, sign_in: SignIn, learner: User, teacher: User
) -> None:
    live = lives.on_air(teacher)
    page = Page(sign_in, learner, server, live.id)
    page.next()
    assert "直播中" in page.next()["html"]["state"]
    page.socket.close()


def test_a_page_is_told_that_the_line_is_alive(
    server: str, sign_in: SignIn, learner: User, lesson: LiveSession
) -> None:
    page = Page(sign_in, learner, server, lesson.id)
    texts = [page.socket.receive(timeout=5) for _ in range(2)]
    assert [json.loads(text or "{}")["type"] for text in texts] == ["hello", "ping"]
    page.socket.close()


def test_a_foreign_page_is_refused(server: str, sign_in: SignIn, learner: User, lesson: LiveSession) -> None:
    page = Page(sign_in, learner, server, lesson.id, origin="https://evil.example")
    assert page.close_code() == 4403


def test_a_visitor_is_refused_where_an_account_is_needed(server: str, sign_in: SignIn, lesson: LiveSession) -> None:
    assert Page(sign_in, None, server, lesson.id).close_code() == 4401


def test_an_unknown_lesson_is_not_there(server: str, sign_in: SignIn, learner: User) -> None:
    assert Page(sign_in, learner, server, "nothing").close_code() == 4404


def test_an_open_studio_is_a_presenter_seen(server: str, sign_in: SignIn, lesson: LiveSession) -> None:
    page = Page(sign_in, lesson.owner, server, lesson.id, query="studio=1")
    page.next()
    db.session.refresh(lesson)
    assert lesson.presenter_seen_ms > 0
    page.socket.close()


def test_a_learner_is_no_presenter(server: str, sign_in: SignIn, learner: User, lesson: LiveSession) -> None:
    page = Page(sign_in, learner, server, lesson.id, query="studio=1")
    page.next()
    db.session.refresh(lesson)
    assert lesson.presenter_seen_ms == 0
    page.socket.close()
