"""One room full of people: how long a message takes to each of them, and what that costs; npm's `ws` beside it.

Both rooms are filled by the same program (`listeners.py`), with the same number of pages and of messages, one after
the other, so that neither takes the processor from the other.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import crowd
from tests.bench.nginx import listens
from tests.bench.processes import own_cpu_seconds
from tests.bench.service import BenchStack, service
from tests.bench.table import Row
from tests.conftest import ROOT
from tests.journeys.waiting import wait_for
from tests.ports import free_port

SIZES = (1000, 2000, 5000)
PER_S, SECONDS = 10, 12
VOTERS, VOTE_S, VOTE_TALK_PER_S = 2000, 3, 4
GOAL_P99_MS, GOAL_KB, GOAL_VOTE_P99_MS = 500, 40, 1000

MAKE_POLL = """
from app.accounts.queries import user_by_name
from app.classroom.polls import drafts, services
from app.extensions import db
from app.live.models import LiveSession
live, teacher = db.session.get(LiveSession, "{live_id}"), user_by_name("teacher")
poll = services.make(live, drafts.judged("single", "哪一种？", ["红", "黄", "蓝"], [], 0), by=teacher)
services.open_poll(live, poll.id, by=teacher)
print("poll", poll.id)
"""


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Fill rooms of three sizes with both; then have one answer a poll."""
    sizes, seconds, voters = ((200,), 4, 200) if quick else (SIZES, SECONDS, VOTERS)
    allow_sockets()
    rows = []
    with service(folder / "service") as stack:
        people = crowd.cookies(stack.run(crowd.MAKE_CROWD.format(count=max(*sizes, voters))))
        for size in sizes:
            theirs = _ws(folder, size, seconds)
            ours = _ours(stack, folder, people[:size], seconds)
            rows += _compared(size, ours, theirs)
        rows += _poll(stack, folder, people[:voters])
    return rows


def allow_sockets() -> None:
    """Allow this process and its children as many sockets as the system does."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Room:
    """A full room: its listeners, and the server's process."""

    def __init__(self, listeners: subprocess.Popen[str], server: int, empty_kb: int, size: int) -> None:
        self._listeners, self._server = listeners, server
        self.opened_s = float(self._answer()["opened_s"])
        self.kb_each = (_resident_kb(server) - empty_kb) / size

    def do(self, order: str) -> dict[str, float]:
        """Send an order to the listeners. Return their answer, with the CPU time of the server for it."""
        assert self._listeners.stdin
        before = own_cpu_seconds(self._server)
        self._listeners.stdin.write(f"{order}\n")
        self._listeners.stdin.flush()
        said = self._answer()
        said["cpu_s"] = own_cpu_seconds(self._server) - before
        print(f"  {order}: {said}", flush=True)
        return said

    def _answer(self) -> dict[str, Any]:
        assert self._listeners.stdout
        line = self._listeners.stdout.readline()
        assert line, "the listeners have died"
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def full_room(url: str, folder: Path, cookies: list[str], server: int) -> Iterator[Room]:
    """Fill a room of a server's process with one page for each cookie."""
    file = folder / "cookies"
    file.write_text("\n".join(cookies))
    empty = _resident_kb(server)
    argv = [sys.executable, "-m", "tests.bench.listeners", url, str(file)]
    with subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as listeners:
        try:
            yield Room(listeners, server, empty, len(cookies))
        finally:
            listeners.kill()


def _ours(stack: BenchStack, folder: Path, people: list[str], seconds: float) -> dict[str, float]:
    lesson = stack.on_air(f"Room of {len(people)}")
    web = fresh_web(stack)
    with full_room(f"{lesson.url}/socket", folder, people, web) as room:
        return {**room.do(f"talk {seconds} {PER_S}"), "kb": room.kb_each, "opened_s": room.opened_s}


def fresh_web(stack: BenchStack) -> int:
    """Begin with a fresh web process. Return its process id."""
    stack.kill("gunicorn")
    wait_for(stack.is_well, "web is back", 30)
    return max(stack.pids("gunicorn"))


def _ws(folder: Path, size: int, seconds: float) -> dict[str, float]:
    port = free_port()
    argv = ["node", str(Path(__file__).with_name("ws_room.mjs")), str(port)]
    with subprocess.Popen(argv, cwd=ROOT) as server:
        try:
            wait_for(lambda: listens(port), "ws listens", 10)
            with full_room(f"http://127.0.0.1:{port}/", folder, [""] * size, server.pid) as room:
                return {**room.do(f"talk {seconds} {PER_S}"), "kb": room.kb_each, "opened_s": room.opened_s}
        finally:
            server.kill()


def _compared(size: int, ours: dict[str, float], theirs: dict[str, float]) -> list[Row]:
    cost, their_cost = (one["cpu_s"] / max(1, one["delivered"]) * 1e6 for one in (ours, theirs))
    whole = ours["delivered"] == ours["expected"]
    return [
        Row(
            f"A message to {size} pages, {PER_S} a second",
            f"p50 {ours['p50_ms']:.0f} ms, p99 {ours['p99_ms']:.0f} ms, "
            f"{ours['delivered']:.0f} of {ours['expected']:.0f} delivered",
            f"ws p50 {theirs['p50_ms']:.0f} ms, p99 {theirs['p99_ms']:.0f} ms",
            f"p99 ≤ {GOAL_P99_MS} ms, all delivered" if size == SIZES[-1] else "–",
            (ours["p99_ms"] <= GOAL_P99_MS and whole) if size == SIZES[-1] else None,
        ),
        Row(
            f"CPU for each message delivered, {size} pages",
            f"{cost:.1f} µs",
            f"ws {their_cost:.1f} µs",
            "no more than ws",
            cost <= their_cost,
        ),
        Row(
            f"Memory for each page, {size} pages",
            f"{ours['kb']:.0f} kB (opened in {ours['opened_s']:.0f} s)",
            f"ws {theirs['kb']:.0f} kB",
            f"≤ {GOAL_KB} kB",
            ours["kb"] <= GOAL_KB,
        ),
    ]


def _poll(stack: BenchStack, folder: Path, people: list[str]) -> list[Row]:
    lesson = stack.on_air("Room that votes")
    poll = int(stack.run(MAKE_POLL.format(live_id=lesson.id)).split()[-1])
    with full_room(f"{lesson.url}/socket", folder, people, fresh_web(stack)) as room:
        said = room.do(f"vote {poll} {VOTE_S} {VOTE_TALK_PER_S}")
    counted = stack.row("SELECT count(*) FROM poll_vote WHERE poll_id = ?", poll)[0]
    return [
        Row(
            f"A poll answered by {len(people)} within {VOTE_S} s, {VOTE_TALK_PER_S} messages a second beside it",
            f"{counted} counted, messages p99 {said['p99_ms']:.0f} ms, all acknowledged after {said['took_s']:.1f} s",
            "–",
            f"every one once, p99 < {GOAL_VOTE_P99_MS} ms",
            counted == len(people) and said["p99_ms"] < GOAL_VOTE_P99_MS,
        )
    ]


def _resident_kb(pid: int) -> int:
    [line] = [one for one in Path(f"/proc/{pid}/status").read_text().splitlines() if one.startswith("VmRSS")]
    return int(line.split()[1])
