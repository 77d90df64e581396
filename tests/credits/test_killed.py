"""web, and the process that closes lessons, are killed with -9 at random while people watch."""

from __future__ import annotations

import html
import json
import os
import random
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import User
from app.credits.counting import queries as counting
from app.credits.ledger import closing
from app.credits.ledger.models import Entry
from app.extensions import db
from app.kernel import clock
from app.live import services as live_services
from app.live.models import LiveSession
from tests.conftest import ROOT, WORKER_SECRET, SignIn
from tests.factories import accounts, credits, media
from tests.factories import live as lives
from tests.journeys.waiting import wait_for
from tests.ports import free_port

VIEWERS, KILLS = 8, 2

CLOSE = """
import sys
from app import create_app
from app.credits.ledger import closing
closing.AT_ONCE = 1  # so that there is a moment between any two entries
with create_app().app_context():
    closing.close(sys.argv[1])
"""


@contextmanager
def process(app: Flask, *argv: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program on the data of the test, with all its children in a group of its own."""
    own = {
        name: str(app.config[name]) for name in ("DATA_DIR", "MEDIA_ROOT", "DATABASE_URL", "SECRET_KEY", "MEDIA_SECRET")
    }
    env = {**os.environ, **own, "WORKER_SECRET": WORKER_SECRET, "DEMO": "0", **settings}
    with subprocess.Popen([sys.executable, *argv], cwd=ROOT, env=env, start_new_session=True) as running:
        try:
            yield running
        finally:
            kill(running)


def kill(running: subprocess.Popen[bytes]) -> None:
    """Kill a program and all its children at one moment."""
    if running.poll() is None:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()


def answers(port: int) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=60) as reply:
        return bool(reply.status == 200)
    return False


def pages_of(people: list[User], live: LiveSession, sign_in: SignIn) -> list[dict[str, str]]:
    """Open the watch page as each person; gives what its script knows of her."""
    found = []
    for one in people:
        browser = sign_in(one)
        page = html.unescape(browser.get(f"/live/{live.id}/watch").text)
        (token,) = set(re.findall(r'"X-CSRFToken": "([^"]+)"', page))
        cookie = "; ".join(f"{cookie.key}={cookie.value}" for cookie in (browser._cookies or {}).values())
        found.append({"name": one.username, "cookie": cookie, "token": token})
    return found


class Viewers:
    """The pages of many people (viewers.mjs)."""

    def __init__(self, node: subprocess.Popen[str], names: list[str]) -> None:
        self._node, self._names = node, names

    def go_on(self, what: str, times: int) -> None:
        """Let them play until they have `said` or `heard` something so many times."""
        while times:
            times -= self._next()[0] == what

    def all_heard(self) -> None:
        """Let them play until each was answered."""
        waiting = set(self._names)
        while waiting:
            what, name = self._next()
            waiting -= {name} if what == "heard" else set()

    def _next(self) -> list[str]:
        assert self._node.stdout is not None
        line = self._node.stdout.readline().split()
        assert line, "the pages have died"
        return line

    def stop(self) -> dict[str, dict[str, Any]]:
        """Let them report the rest. Return what each has played, and what it was told to be stored, ms."""
        rest, _ = self._node.communicate(timeout=200)
        return {one["name"]: one for one in json.loads(rest.splitlines()[-1])}


@contextmanager
def viewers(port: int, live_id: str, pages: list[dict[str, str]], folder: Path) -> Iterator[Viewers]:
    file = folder / "viewers.json"
    file.write_text(json.dumps(pages))
    argv = ["node", "tests/credits/viewers.mjs", f"http://127.0.0.1:{port}/live/{live_id}/commands", str(file)]
    pipe = subprocess.PIPE
    with subprocess.Popen(argv, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as node:
        try:
            yield Viewers(node, [page["name"] for page in pages])
        finally:
            node.kill()


def entries() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Entry)) or 0


def test_whatever_is_killed_nobody_loses_a_second_and_the_chain_holds(
    app: Flask, teacher: User, sign_in: SignIn, tmp_path: Path
) -> None:
    seed = random.randrange(10_000)
    chance, port = random.Random(seed), free_port()
    people = [accounts.user() for _ in range(VIEWERS)]
    live = lives.on_air(teacher)
    began_s = (live.started_at_ms or 0) / 1000
    media.pieces(live.stream, began_s - 1, began_s + 600)
    web = ("-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "wsgi:app")
    address = {"PORT": str(port), "WEB_HOST": "127.0.0.1", "RATE_LIMITS": "0"}

    with ExitStack() as stay:
        running = stay.enter_context(process(app, *web, **address))
        wait_for(lambda: answers(port), "web answers", 40)
        audience = stay.enter_context(viewers(port, live.id, pages_of(people, live, sign_in), tmp_path))
        for _ in range(KILLS):
            audience.all_heard()
            audience.go_on("said", 1 + chance.randrange(2 * VIEWERS))  # the last ones are just being written
            kill(running)
            running = stay.enter_context(process(app, *web, **address))
        audience.all_heard()
        pages = audience.stop()

    db.session.rollback()
    for one in people:
        page, stored_ms = pages[one.username], 1000 * counting.watched_s(live.id, one.id)
        assert stored_ms == page["storedMs"], f"her meter is wrong, seed {seed}"
        assert page["playedMs"] - 1000 <= stored_ms <= page["playedMs"] + 1, f"seed {seed}"

    live_services.end(live, by=teacher)
    live.stream.air = [[live.started_at_ms, clock.now_ms()]]
    db.session.commit()
    credits.over(live)
    closing.open_for(live.id)
    wanted = 1 + chance.randrange(VIEWERS - 1)
    with process(app, "-c", CLOSE, live.id):
        wait_for(lambda: entries() >= wanted, "it writes entries", 40)
    closing.close(live.id)
    assert entries() == VIEWERS
    verified = app.test_cli_runner().invoke(args=["ledger", "verify"])
    assert verified.output.startswith(f"fine: {VIEWERS} entries"), f"seed {seed}: {verified.output}"
    db.session.rollback()
    for entry in db.session.scalars(select(Entry)):
        assert entry.watched_ms == 1000 * counting.watched_s(live.id, entry.user_id), f"seed {seed}"
