"""One contract for every way by which wake-ups travel, kept with real servers."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.kernel.bus import Bus
from app.kernel.carriers import carrier_for
from tests import postgres, redis_server

PATIENCE_S = 10

with_servers = pytest.mark.parametrize("place", ["postgresql", "redis"], indirect=True)
"""A file says only that somebody has written to it, and does not go away."""


@dataclass
class Place:
    """What the processes of a service share."""

    url: str
    write: Callable[[], None]
    """Commit something, as everybody does before waking the others."""
    server: postgres.Server | redis_server.Server | None


@pytest.fixture(params=["sqlite", "postgresql", "redis"], scope="module")
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("bus")
    if request.param == "sqlite":
        path = folder / "bus.sqlite3"
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("CREATE TABLE news (n INTEGER)")
            yield Place(f"sqlite:///{path}", lambda: _nothing(database.execute("INSERT INTO news VALUES (1)")), None)
    elif request.param == "postgresql":
        with postgres.server() as server:
            yield Place(server.url, lambda: None, server)
    else:
        with redis_server.server(folder) as server:
            yield Place(server.url, lambda: None, server)


@pytest.fixture
def buses(place: Place) -> Iterator[tuple[Bus, Bus]]:
    """Two buses that have nothing in common but the place, as in two processes; both hear already."""
    pair = Bus(carrier_for(place.url)), Bus(carrier_for(place.url))
    for bus in pair:
        with bus.watch("anything") as watch:
            assert watch.wait(PATIENCE_S), "a carrier wakes everybody as soon as it hears"
    yield pair
    for bus in pair:
        bus.carry_by(None)


def test_a_wake_up_reaches_the_other_process(place: Place, buses: tuple[Bus, Bus]) -> None:
    here, there = buses
    with there.watch("topic") as watch:
        begun = time.monotonic()
        place.write()
        here.wake("topic")
        assert watch.wait(PATIENCE_S)
        assert time.monotonic() - begun < 1


def test_it_reaches_a_real_other_process(place: Place, tmp_path: Path) -> None:
    listener = (
        "import sys; from app.kernel.bus import Bus; from app.kernel.carriers import carrier_for\n"
        "with Bus(carrier_for(sys.argv[1])).watch('topic') as watch:\n"
        "    assert watch.wait(20)\n"
        "    print('hears', flush=True)\n"
        "    assert watch.wait(20)\n"
        "    print('woken', flush=True)\n"
    )
    argv = [sys.executable, "-c", listener, place.url]
    here = Bus(carrier_for(place.url))
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env={**os.environ}) as other:
        assert other.stdout
        assert other.stdout.readline() == "hears\n"
        place.write()
        here.wake("topic")
        assert other.stdout.readline() == "woken\n"
    here.carry_by(None)


@with_servers
def test_only_what_was_meant_is_woken(buses: tuple[Bus, Bus]) -> None:
    here, there = buses
    with there.watch("meant") as meant, there.watch("other") as other:
        here.wake("meant")
        assert meant.wait(PATIENCE_S)
        assert not other.wait(0)


@with_servers
def test_what_one_wakes_oneself_does_not_come_back(buses: tuple[Bus, Bus]) -> None:
    here, there = buses
    with here.watch("topic") as own, here.watch("answer") as answer, there.watch("topic") as watch:
        here.wake("topic")
        assert own.wait(0), "here at once"
        assert watch.wait(PATIENCE_S)
        there.wake("answer")
        assert answer.wait(PATIENCE_S)
        assert not own.wait(0)


def test_a_wake_up_that_comes_while_nobody_waits_is_remembered(place: Place, buses: tuple[Bus, Bus]) -> None:
    here, there = buses
    with there.watch("first") as first, there.watch("second") as second:
        for topic in ("first", "second"):
            place.write()
            here.wake(topic)
        assert second.wait(PATIENCE_S)
        assert first.wait(PATIENCE_S)


def test_many_wake_ups_at_once_cost_few_messages_and_lose_none(place: Place, buses: tuple[Bus, Bus]) -> None:
    here, there = buses
    topics = [f"topic-{number}" for number in range(200)]
    watches = [there.watch(topic) for topic in topics]
    for watch in watches:
        watch.__enter__()
    place.write()
    begun = time.monotonic()
    for topic in topics:
        here.wake(topic)
    assert time.monotonic() - begun < 1, "who wakes waits for nobody"
    assert all(watch.wait(PATIENCE_S) for watch in watches)
    for watch in watches:
        watch.__exit__(None, None, None)


@with_servers
def test_a_server_that_was_away_is_found_again_and_nothing_is_forgotten(place: Place, buses: tuple[Bus, Bus]) -> None:
    assert place.server
    here, there = buses
    with there.watch("topic") as watch, there.watch("later") as later:
        place.server.stop()
        begun = time.monotonic()
        here.wake("topic")
        assert time.monotonic() - begun < 0.1, "who wakes does not wait for the server"
        place.server.start()
        assert watch.wait(PATIENCE_S)
        deadline = time.monotonic() + PATIENCE_S
        while watch.wait(0.5) and time.monotonic() < deadline:
            pass  # both carriers are back when nothing comes any more
        later.wait(0)
        here.wake("later")
        assert later.wait(PATIENCE_S)


def _nothing(_cursor: sqlite3.Cursor) -> None:
    pass
