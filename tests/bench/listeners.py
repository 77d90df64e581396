"""Many pages of one room in one process: plain sockets under one selector, so that they cost less than the server.

    python -m tests.bench.listeners WS_URL COOKIES_FILE

Opens a socket for each cookie and reports it. Then it reads orders line by line, and answers each with a line of JSON:

    talk SECONDS PER_S [COMMAND]  pages in turn send a message; how long each takes to each page
    vote POLL SECONDS PER_S       all pages answer a poll at random moments, while some talk
    watch SECONDS PER_S EVERY_S   each page reports every so often what it has played, while some talk

A message holds the moment at which it was sent (CLOCK_MONOTONIC, the same for all processes), and so does what arrives.
"""

from __future__ import annotations

import heapq
import json
import random
import resource
import select
import socket
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench.table import percentile

AT_THE_DOOR = 64
"""Maximum number of handshakes at a time."""

PATIENCE_S = 30
MARK, END = b'"text": "@', b'@"'
DONE = b'"type": "done"'
LONGEST_MARK = 64
RANDOM = random.Random(1)


class Line:
    """One page's socket."""

    __slots__ = ("is_open", "rest", "sock")

    def __init__(self, sock: socket.socket) -> None:
        self.sock, self.rest, self.is_open = sock, b"", False


class Listeners:
    """All sockets of a room."""

    def __init__(self, url: str, cookies: list[str]) -> None:
        self._url = urlsplit(url)
        self._poll = select.epoll()
        self._lines: dict[int, Line] = {}
        self.delays: list[int] = []
        """Delay of every delivery, ns."""
        self.done = 0
        """Number of commands that were carried out."""
        self.lost = 0
        self._numbers = count(1)
        self._opened = 0
        waiting = list(reversed(cookies))
        while self._opened < len(cookies):
            while waiting and len(self._lines) - self._opened < AT_THE_DOOR:
                self._knock(waiting.pop())
            self._hear(0.05)
        self.all = list(self._lines.values())

    def _knock(self, cookie: str) -> None:
        host, port = self._url.hostname or "", self._url.port or 80
        sock = socket.create_connection((host, port))
        path = f"{self._url.path}?{self._url.query}" if self._url.query else self._url.path
        cookie_line = f"Cookie: {cookie}\r\n" if cookie else ""
        sock.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {self._url.netloc}\r\nOrigin: http://{self._url.netloc}\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
            f"Sec-WebSocket-Version: 13\r\n{cookie_line}\r\n".encode()
        )
        sock.setblocking(False)
        self._lines[sock.fileno()] = Line(sock)
        self._poll.register(sock.fileno(), select.EPOLLIN)

    def talk(self, seconds: float, per_s: float, command: str = "chat.say") -> dict[str, float]:
        """Send messages, and wait until every page has all of them."""
        gap, begun = 1 / per_s, time.monotonic()
        plan = [(begun + number * gap, self._speaker(number, command)) for number in range(round(seconds * per_s))]
        return self._carry_out(plan, said=len(plan), asked=len(plan))

    def vote(self, poll: int, seconds: float, per_s: float) -> dict[str, float]:
        """Let every page answer, at random moments, while some talk."""
        begun = time.monotonic()
        answers = [(begun + RANDOM.uniform(0, seconds), self._voter(line, poll)) for line in self.all]
        words = [
            (begun + number / per_s, self._speaker(number, "chat.say")) for number in range(round(seconds * per_s))
        ]
        return self._carry_out(answers + words, said=len(words), asked=len(answers) + len(words))

    def watch(self, seconds: float, per_s: float, every_s: float) -> dict[str, float]:
        """Have every page report what it has played, from a random moment on, while some talk."""
        begun = time.monotonic()
        reports = [
            (begun + moment, self._watcher(line, every_s))
            for line in self.all
            for moment in _every(RANDOM.uniform(0, every_s), every_s, seconds)
        ]
        words = [
            (begun + number / per_s, self._speaker(number, "chat.say")) for number in range(round(seconds * per_s))
        ]
        return self._carry_out(reports + words, said=len(words), asked=len(reports) + len(words))

    def _carry_out(self, plan: list[tuple[float, Callable[[], None]]], *, said: int, asked: int) -> dict[str, float]:
        self.delays, self.done = [], 0
        agenda = [(moment, number, act) for number, (moment, act) in enumerate(plan)]
        heapq.heapify(agenda)
        expected = said * len(self.all)
        begun, deadline = time.monotonic(), max(moment for moment, _ in plan) + PATIENCE_S
        while (agenda or len(self.delays) < expected or self.done < asked) and time.monotonic() < deadline:
            now = time.monotonic()
            while agenda and agenda[0][0] <= now:
                heapq.heappop(agenda)[2]()
            self._hear(min(0.01, max(0.0, agenda[0][0] - now)) if agenda else 0.01)
        delays = sorted(one / 1e6 for one in self.delays) or [0.0]
        return {
            "delivered": len(self.delays),
            "expected": expected,
            "done": self.done,
            "lost_lines": self.lost,
            "took_s": time.monotonic() - begun,
            "p50_ms": percentile(delays, 50),
            "p99_ms": percentile(delays, 99),
            "most_ms": delays[-1],
        }

    def _speaker(self, number: int, command: str) -> Callable[[], None]:
        line = self.all[number * 97 % len(self.all)]

        def speak() -> None:
            now = time.monotonic_ns()
            self._ask(line, command, {"text": f"@{now}@", "nonce": f"{now}"})

        return speak

    def _voter(self, line: Line, poll: int) -> Callable[[], None]:
        return lambda: self._ask(line, "polls.answer", {"poll": poll, "chosen": [RANDOM.randint(1, 3)]})

    def _watcher(self, line: Line, every_s: float) -> Callable[[], None]:
        def report() -> None:
            played_ms = round(every_s * 1000)
            fields = {"since": round(time.time() * 1000) - played_ms - 1000, "pieces": [0, played_ms, 1000, 0]}
            self._ask(line, "credits.watched", {**fields, "whole": False})

        return report

    def _ask(self, line: Line, name: str, fields: dict[str, object]) -> None:
        frame = {"type": "command", "n": next(self._numbers), "name": name, "fields": fields}
        data = json.dumps(frame, ensure_ascii=False).encode()
        head = bytes((0x81, 0x80 | len(data))) if len(data) < 126 else b"\x81\xfe" + len(data).to_bytes(2, "big")
        line.sock.send(head + bytes(4) + data)  # a mask of zeros changes nothing

    def _hear(self, timeout_s: float) -> None:
        lines, delays, monotonic_ns = self._lines, self.delays, time.monotonic_ns
        for fd, _event in self._poll.poll(timeout_s):
            line = lines[fd]
            try:
                data = line.sock.recv(262_144)
            except ConnectionError:
                data = b""
            if not data:
                self.lost += 1
                self._poll.unregister(fd)
                continue
            if not line.is_open:
                self._greet(line, data)
                continue
            now = monotonic_ns()
            data = line.rest + data
            at = 0
            self.done += data.count(DONE)
            while (found := data.find(MARK, at)) >= 0:
                end = data.find(END, found)
                if end < 0:
                    break
                delays.append(now - int(data[found + len(MARK) : end]))
                at = end
            keep = max(at, len(data) - LONGEST_MARK)
            line.rest = data[keep:].replace(DONE, b"")

    def _greet(self, line: Line, data: bytes) -> None:
        line.rest += data
        if b"\r\n\r\n" in line.rest and len(line.rest) > line.rest.index(b"\r\n\r\n") + 4:
            assert b" 101 " in line.rest[:20], line.rest[:200]
            line.is_open, line.rest = True, b""
            self._opened += 1


def _every(first_s: float, every_s: float, until_s: float) -> list[float]:
    return [first_s + number * every_s for number in range(int((until_s - first_s) // every_s) + 1)]


def main() -> None:
    """Open all sockets, then follow orders."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    url, cookies = sys.argv[1], Path(sys.argv[2]).read_text().split("\n")
    begun = time.monotonic()
    listeners = Listeners(url, cookies)
    print(json.dumps({"opened_s": time.monotonic() - begun}), flush=True)
    for order in sys.stdin:
        match order.split():
            case ["talk", seconds, per_s, *command]:
                said = listeners.talk(float(seconds), float(per_s), *command)
            case ["vote", poll, seconds, per_s]:
                said = listeners.vote(int(poll), float(seconds), float(per_s))
            case ["watch", seconds, per_s, every_s]:
                said = listeners.watch(float(seconds), float(per_s), float(every_s))
            case _:
                raise SystemExit(f"what is {order!r}?")
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
