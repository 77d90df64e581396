"""Sockets that do harm, against the web server of real life: it stays small, and the others notice nothing."""

from __future__ import annotations

import contextlib
import html
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
import websocket
from flask import Flask

from app.classroom.chat.models import Message
from app.classroom.engine import frames, sockets
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.live import guests
from app.roles.services import found
from app.timeline import services as timeline
from tests.classroom.cast import Answer, Room
from tests.conftest import ROOT, WORKER_SECRET, SignIn, _empty
from tests.journeys.waiting import wait_for
from tests.ports import free_port

QUICK_S = 5.0
"""On a machine that does other things beside; a server that waits for anybody would not answer at all."""
MEGABYTE = 1_000_000
FROM_NOW_ON = "after=999999999"


class Web:
    """The web process, one worker under gunicorn as `deploy/gunicorn.conf.py` says."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process, self.host, self.log = process, f"127.0.0.1:{port}", log
        self.port = port

    @property
    def workers(self) -> list[int]:
        """Return the processes that serve; none as long as they are not begun, though the port is open by then."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(child) for child in children]

    @property
    def worker(self) -> int:
        """Return the process that serves."""
        return self.workers[0]

    @property
    def memory(self) -> int:
        """Return the bytes that the worker has in memory."""
        pages = int(Path(f"/proc/{self.worker}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture(scope="module")
def room(_app: Flask) -> Iterator[Room]:
    """One room for all tests here: the server would miss what is emptied between them."""
    with _app.app_context():
        found("科学院")
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(_app.config, "RATELIMIT_ENABLED", False)  # in this process; the server keeps to them
            yield Room(_app, SignIn(_app))
        _app.extensions["queue"].flush()
        _empty()


@pytest.fixture(scope="module")
def web(_app: Flask, room: Room, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Serve the app's database and secrets by gunicorn, in a process of its own."""
    port = free_port()
    log = tmp_path_factory.mktemp("web") / "log"
    own = {
        name: str(_app.config[name])
        for name in ("DATA_DIR", "MEDIA_ROOT", "DATABASE_URL", "SECRET_KEY", "MEDIA_SECRET")
    }
    settings = {
        "WORKER_SECRET": WORKER_SECRET,
        "PORT": str(port),
        "WEB_HOST": "127.0.0.1",
        "DEMO": "0",
        "RATE_LIMITS": "1",
    }
    with (
        log.open("wb") as file,
        subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "wsgi:app"],
            cwd=ROOT, env=os.environ | own | settings, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
        ) as process,
    ):  # fmt: skip
        try:
            web = Web(process, port, log)
            wait_for(lambda: is_listening(port) and bool(web.workers), "gunicorn listens, and somebody serves", 40)
            yield web
        finally:
            process.terminate()
            process.wait(10)


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(autouse=True)
def _nothing_breaks(web: Web) -> Iterator[None]:
    """The worker is the same one before and after, and has nothing to complain about."""
    before, mark = web.worker, web.log.stat().st_size
    yield
    assert web.worker == before, "the worker was replaced"
    said = web.log.read_bytes()[mark:].decode(errors="replace")
    assert "Traceback" not in said, said


class Line:
    """One open socket of a page."""

    def __init__(self, line: websocket.WebSocket) -> None:
        self.line = line

    def next(self) -> Answer:
        """Return the next frame that is no ping and no number that changes by itself."""
        while True:
            frame: Answer = json.loads(self.line.recv())
            if frame["type"] not in {"ping", "told"}:
                return frame

    def until(self, wanted: Callable[[Answer], bool]) -> Answer:
        """Return the next frame of some kind."""
        while not wanted(frame := self.next()):
            pass
        return frame

    def ask(self, name: str, number: int = 1, /, **fields: Any) -> Answer:
        """Send a command; gives its answer."""
        self.line.send(json.dumps({"type": "command", "n": number, "name": name, "fields": fields}))
        return self.until(lambda frame: frame.get("n") == number)

    def close_code(self) -> int:
        """Read until the line is closed, and say with what; 0: it was cut off."""
        try:
            while True:
                opcode, data = self.line.recv_data(control_frame=True)
                if opcode == websocket.ABNF.OPCODE_CLOSE:
                    return int.from_bytes(data[:2], "big")
        except (ConnectionError, websocket.WebSocketConnectionClosedException):
            return 0

    def has_ended(self) -> bool:
        return self.close_code() >= 0


class Lines:
    """Opens sockets, and closes them all in the end."""

    def __init__(self, web: Web, room: Room) -> None:
        self._web, self._room, self._live_id = web, room, room.live_id
        self._open: list[websocket.WebSocket] = []

    def __call__(
        self, who: str, *, origin: str | None = None, cookie: str | None = None, query: str = FROM_NOW_ON, room: int = 0
    ) -> Line:
        """Open the socket of somebody's page, with `room` bytes for what she does not read."""
        cookies = self._room.browser(who)._cookies if cookie is None else {}
        line = websocket.create_connection(
            f"ws://{self._web.host}/live/{self._live_id}/socket?{query}",
            cookie=cookie or "; ".join(f"{one.key}={one.value}" for one in cookies.values()),
            origin=origin or f"http://{self._web.host}",
            suppress_origin=origin == "",
            timeout=20,
            sockopt=[(socket.SOL_SOCKET, socket.SO_RCVBUF, room)] if room else [],
        )
        self._open.append(line)
        return Line(line)

    def is_let_in(self, who: str) -> bool:
        """Return whether somebody may open one more page; closes it again."""
        line = self(who)
        opcode, data = line.line.recv_data(control_frame=True)
        line.line.shutdown()
        return opcode == websocket.ABNF.OPCODE_TEXT and b"hello" in data

    def close(self) -> None:
        for one in self._open:
            one.shutdown()


@pytest.fixture
def lines(web: Web, room: Room) -> Iterator[Lines]:
    found = Lines(web, room)
    yield found
    found.close()


@contextmanager
def undisturbed(lines: Lines, web: Web, *, growth: int = 40 * MEGABYTE) -> Iterator[Line]:
    """Somebody else is heard and answered meanwhile; the server's memory does not grow."""
    other = lines("other")
    assert other.next()["type"] == "hello"
    before = web.memory
    yield other
    began = time.monotonic()
    assert other.ask("room.nothing", 77)["code"] == "classroom.unknown"
    assert time.monotonic() - began < QUICK_S
    assert web.memory - before < growth


def frame_bytes(payload: bytes, opcode: int, *, size: int | None = None) -> bytes:
    """Return a client's frame, masked with zeros, perhaps with a length that is a lie."""
    size = len(payload) if size is None else size
    head = bytes((0x80 | opcode,))
    if size < 126:
        head += bytes((0x80 | size,))
    elif size < 65_536:
        head += b"\xfe" + size.to_bytes(2, "big")
    else:
        head += b"\xff" + size.to_bytes(8, "big")
    return head + b"\0\0\0\0" + payload


def pour(line: Line, data: bytes) -> None:
    """Send bytes as they are; whoever is cut off meanwhile is."""
    with contextlib.suppress(ConnectionError, TimeoutError):
        line.line.sock.sendall(data)


def test_a_frame_of_ten_megabytes_ends_the_line_and_fills_nothing(lines: Lines, web: Web) -> None:
    for opcode in (websocket.ABNF.OPCODE_TEXT, websocket.ABNF.OPCODE_BINARY):
        with undisturbed(lines, web, growth=8 * MEGABYTE):
            line = lines("learner")
            line.next()
            pour(line, frame_bytes(b"a" * 10 * MEGABYTE, opcode))
            assert line.close_code() in {1009, 0}


def test_a_frame_that_says_it_is_larger_than_the_world_does_not_either(lines: Lines, web: Web) -> None:
    with undisturbed(lines, web, growth=8 * MEGABYTE):
        line = lines("learner")
        line.next()
        pour(line, frame_bytes(b"a" * 100_000, 1, size=2**62))
        assert line.close_code() in {1009, 0}


def test_ten_megabytes_in_small_pieces_of_one_frame_end_the_line(lines: Lines, web: Web) -> None:
    with undisturbed(lines, web, growth=8 * MEGABYTE):
        line = lines("learner")
        line.next()
        piece = b"\0\x80\0\0\0\0"  # goes on, and is not the last
        pour(line, b"\x01\x80\0\0\0\0" + piece * 1000 + b"\0\xfe\xff\xff\0\0\0\0" + b"a" * 65_535)
        pour(line, (b"\0\xfe\xff\xff\0\0\0\0" + b"a" * 65_535) * 150)
        assert line.close_code() in {1009, 0}


NOT_UNDERSTOOD = {
    "binary": (b"\x00\x01\x02\xff", 2),
    "binary that is no Unicode": (b'{"type":"command"\xff}', 2),
    "brackets without end": (b"[" * 20_000, 1),
    "braces without end": (b'{"a":' * 4_000, 1),
    "brackets in a command": (b'{"type":"command","n":1,"name":"chat.say","fields":' + b"[" * 20_000, 1),
    "a list": (b"[1,2,3]", 1),
    "a number": (b"1" * 10_000, 1),
    "nothing": (b"", 1),
    "half a frame": (b'{"type":"command","n":1', 1),
    "another type": (b'{"type":"event","id":1,"kind":"chat.said"}', 1),
    "no number": (b'{"type":"command","n":1e999,"name":NaN}', 1),
    "a ping of its own": (b"hello", 9),
    "a pong that nobody asked for": (b"hello", 10),
}


def test_what_is_no_command_is_read_and_dropped_and_the_line_goes_on(lines: Lines, web: Web) -> None:
    with undisturbed(lines, web):
        line = lines("learner")
        line.next()
        for number, (what, (payload, opcode)) in enumerate(NOT_UNDERSTOOD.items(), start=100):
            pour(line, frame_bytes(payload, opcode))
            time_left = line.ask("hands.nothing", number)
            assert time_left["code"] == "classroom.unknown", what


BROKEN = {
    "no Unicode": frame_bytes(b"\xff\xfe\xfd", 1),
    "half of a character": frame_bytes("字".encode()[:2], 1),
    "an opcode that there is not": frame_bytes(b"x", 7),
    "not masked": b"\x81\x05hello",
    "a long ping": frame_bytes(b"x" * 200, 9),
    "a compressed frame that nobody agreed on": b"\xc1\x85\0\0\0\0hello",
    "no websocket at all": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 20,
    "a close that says nothing": frame_bytes(b"\x03", 8),
    "a close with a code that there is not": frame_bytes((999).to_bytes(2, "big"), 8),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_against_the_protocol_ends_this_line_and_no_other(lines: Lines, web: Web, what: str) -> None:
    with undisturbed(lines, web):
        line = lines("learner")
        line.next()
        pour(line, BROKEN[what])
        assert line.close_code() in {0, 1000, 1002, 1005, 1007}
        assert lines("learner").next()["type"] == "hello", "she may come back"


def test_a_line_that_is_cut_in_the_middle_of_a_frame_leaves_nothing(lines: Lines, web: Web) -> None:
    with undisturbed(lines, web):
        for _ in range(sockets.MOST_PAGES):
            line = lines("learner")
            line.next()
            pour(line, frame_bytes(b"x" * 50_000, 1)[:20_000])
            line.line.shutdown()
        wait_for(lambda: lines.is_let_in("learner"), "the cut ones are forgotten, and she may come back")


def test_a_flood_of_small_frames_does_not_keep_the_others_waiting(lines: Lines, web: Web) -> None:
    with undisturbed(lines, web) as other:
        line = lines("learner")
        line.next()
        stop, some = threading.Event(), frame_bytes(b"{}", 1) * 5000

        def flood() -> None:
            with contextlib.suppress(OSError):
                while not stop.is_set():
                    line.line.sock.sendall(some)

        thread = threading.Thread(target=flood)
        thread.start()
        try:
            for number in range(5):
                began = time.monotonic()
                assert other.ask("hands.nothing", number)["code"] == "classroom.unknown"
                assert time.monotonic() - began < QUICK_S
        finally:
            stop.set()
            line.line.shutdown()
            thread.join()


def test_more_commands_than_anybody_types_are_refused_kindly_and_only_hers(lines: Lines, web: Web) -> None:
    with undisturbed(lines, web):
        one, other = lines("assistant"), lines("assistant")
        codes = [(one, other)[number % 2].ask("hands.lower", number).get("code") for number in range(40)]
        assert codes[0] is None
        assert "classroom.too_fast" in codes, "both windows together"
        said = next(one.ask("hands.lower", number) for number in range(40) if number >= 0)
        assert said.get("code") in {None, "classroom.too_fast"}


def test_who_never_reads_is_dropped_and_takes_no_memory(lines: Lines, web: Web, room: Room) -> None:
    with undisturbed(lines, web) as other:
        slow = [lines("learner", room=4096) for _ in range(sockets.MOST_PAGES)]
        while not lines.is_let_in("learner"):
            first = room.newest() + 1
            write_much(room, 20)
            read = [other.until(lambda frame, since=first: frame["id"] >= since)["id"] for _ in range(20)]
            assert read == list(range(first, first + 20))
        assert len(slow) == sockets.MOST_PAGES, "there is room for her again: she was dropped"


def write_much(room: Room, count: int) -> None:
    """Write the longest messages, all in one moment: some 20 kB each, as they go over the wire."""
    teacher = room.person("teacher")
    with unit_of_work():
        for _ in range(count):
            event = timeline.append(room.live_id, "chat.said", {})
            message = Message(live_id=room.live_id, id=event.id, at_ms=event.at_ms, nonce=f"much {event.id}")
            message.by_key, message.by_name, message.part, message.text = teacher.key, "李明远", "teacher", "长" * 2000
            db.session.add(message)


def test_a_hundred_sockets_of_one_person_at_once(lines: Lines, web: Web, room: Room) -> None:
    with undisturbed(lines, web):
        room.browser("manager_elsewhere")
        with ThreadPoolExecutor(20) as threads:
            opened = list(threads.map(lambda _number: lines("manager_elsewhere"), range(100)))
        heard = [line.line.recv_data(control_frame=True) for line in opened]
        let_in = [opcode for opcode, data in heard if opcode == websocket.ABNF.OPCODE_TEXT]
        refused = [int.from_bytes(data[:2], "big") for opcode, data in heard if opcode == websocket.ABNF.OPCODE_CLOSE]
        assert (len(let_in), refused) == (sockets.MOST_PAGES, [4429] * (100 - sockets.MOST_PAGES))
        assert lines.is_let_in("admin")
        next(line for line, (opcode, _) in zip(opened, heard, strict=True) if opcode == 1).line.shutdown()
        wait_for(lambda: lines.is_let_in("manager_elsewhere"), "there is a place for one more")


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:1", "file://", "127.0.0.1", "http://{host}.evil.example",
     "http://evil.example/{host}", "http://evil.example@{host}", "http://{host}/x", "http://{host}:80"],
)  # fmt: skip
def test_a_foreign_page_is_refused(lines: Lines, web: Web, origin: str) -> None:
    assert lines("learner", origin=origin.format(host=web.host)).close_code() == 4403


def test_who_has_no_ticket_or_a_forged_one_is_refused(lines: Lines, room: Room) -> None:
    browser = room.another_browser("learner")
    ticket = "; ".join(f"{one.key}={one.value}" for one in browser._cookies.values())
    assert lines("", cookie=ticket).next()["type"] == "hello"
    for cookie in ("x=1", "session=", "session=forged", ticket[:-3] + "xyz", ticket.replace("session=", "session=e")):
        assert lines("", cookie=cookie).close_code() == 4401, cookie
    browser.post("/sign-out")
    assert lines("", cookie=ticket).close_code() == 4401, "an old one"


def test_a_guest_with_an_old_link_is_told_that_it_is_dead(lines: Lines, room: Room) -> None:
    assert lines.is_let_in("guest")
    guests.reissue(room.live)
    assert lines("guest").close_code() == 4410
    assert lines.is_let_in("guest of the new link")


def test_who_is_put_out_is_cut_off_everywhere_and_hears_why(lines: Lines, web: Web, room: Room) -> None:
    with undisturbed(lines, web):
        pages = [lines("guest of the pages") for _ in range(3)]
        for page in pages:
            page.next()
        teacher, key = lines("teacher"), room.key("guest of the pages")
        wait_for(lambda: teacher.ask("room.put_out", key=key)["type"] == "done", "she is known to be here, and put out")
        for page in pages:
            assert page.has_ended()
        assert lines("guest of the pages").close_code() == 4403


class Visitor:
    """A page that gets no websocket through, over HTTP as it is."""

    def __init__(self, web: Web, room: Room, who: str) -> None:
        self._base = f"http://{web.host}/live/{room.live_id}"
        self._cookies = {one.key: one.value for one in room.browser(who)._cookies.values()}
        self.token = re.findall(r'"X-CSRFToken": "([^"]+)"', html.unescape(self.ask("/watch")[1]))[0]

    def ask(self, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, str]:
        own = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        own |= {"Content-Type": "application/json", "Accept": "application/json" if body is not None else "text/html"}
        request = urllib.request.Request(self._base + path, body, own | (headers or {}))
        try:
            reply = urllib.request.urlopen(request, timeout=20)
        except urllib.error.HTTPError as error:
            reply = error
        with reply:
            self._cookies |= {name: one.value for name, one in SimpleCookie(reply.headers["Set-Cookie"]).items()}
            return reply.status, reply.read().decode()

    def send(self, frame: object, token: str, **headers: str) -> tuple[int, Answer]:
        status, text = self.ask("/commands", json.dumps(frame).encode(), {"X-CSRFToken": token, **headers})
        return status, json.loads(text)


RAISE: Answer = {"type": "command", "n": 5, "name": "hands.raise", "fields": {}}


class TestWithoutASocket:
    """The same by asking."""

    def test_a_command_needs_the_token_of_the_page(self, web: Web, room: Room) -> None:
        page, before = Visitor(web, room, "other"), room.newest()
        for token in ("", "forged", page.token[:-3] + "xyz"):
            status, said = page.send(RAISE, token)
            assert (status, said["error"]) == (400, "csrf")
            assert said["mend"]
        assert room.newest() == before
        assert page.send(RAISE, page.token) == (200, {"type": "done", "n": 5, "data": {}})
        assert room.newest() == before + 1

    def test_the_token_of_another_page_is_none(self, web: Web, room: Room) -> None:
        token = Visitor(web, room, "other").token
        assert Visitor(web, room, "learner").send(RAISE, token)[0] == 400

    def test_a_foreign_page_is_refused(self, web: Web, room: Room) -> None:
        page = Visitor(web, room, "other")
        assert page.send(RAISE, page.token, Origin="https://evil.example")[0] == 403
        assert page.ask("/events", headers={"Origin": "https://evil.example"})[0] == 403

    def test_one_frame_at_a_time_and_none_that_is_endless(self, web: Web, room: Room) -> None:
        page, before = Visitor(web, room, "other"), room.newest()
        token = {"X-CSRFToken": page.token}
        status, said = page.send([RAISE] * 50, page.token)
        assert (status, said["code"]) == (200, "classroom.unknown")
        status, text = page.ask("/commands", b"[" * 100_000, token)
        assert (status, json.loads(text)["code"]) == (200, "classroom.unknown")
        assert room.newest() == before

    def test_events_come_in_batches_until_there_are_no_more(self, web: Web, room: Room) -> None:
        with unit_of_work():
            for _ in range(frames.IN_A_BATCH + 1):
                timeline.append(room.live_id, "chat.muted", {"key": "u1", "muted": True})
        page, after, found = Visitor(web, room, "other"), 0, list[int]()
        while True:
            status, text = page.ask(f"/events?after={after}")
            hello, *batch = json.loads(text)
            assert (status, len(batch) <= frames.IN_A_BATCH) == (200, True)
            if hello["last"] == after:
                break
            after, found = hello["last"], found + [frame["id"] for frame in batch]
        assert after == room.newest()
        assert found == sorted(set(found))

    def test_an_id_that_never_was_is_taken_for_the_nearest(self, web: Web, room: Room) -> None:
        page = Visitor(web, room, "other")
        for after in ("-1", "99999999999999999999999", "x", "", "1e3", "１"):
            status, text = page.ask(f"/events?after={urllib.parse.quote(after)}")
            assert status == 200, (after, text)
            assert json.loads(text)[0]["type"] == "hello"
