"""A worker that is not heard of any more leaves its streams to others, and writes no more when it comes back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from time_machine import Traveller

from app.accounts.models import User
from app.live import services as lives
from app.live.models import LiveSession
from app.media.models import Stream
from media_worker.contract import Beat, BeatAnswer, Ended, Hello, Message, Pulse, Refusal, RefusalCode, Welcome
from tests.conftest import WORKER_SECRET
from tests.factories import live as makers

OLD, NEW = "worker-1", "the-new-name"


@pytest.fixture
def time() -> Iterator[Traveller]:
    """A clock that goes only when it is told to."""
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def live(time: Traveller, teacher: User) -> LiveSession:
    """A lesson on air; its encoder came through OLD."""
    return makers.on_air(teacher)


class Door:
    """What workers say to the app."""

    def __init__(self, app: Flask) -> None:
        self._client = app.test_client()

    def say(self, path: str, message: Message) -> object:
        headers = {"Authorization": f"Bearer {WORKER_SECRET}"}
        reply = self._client.post(f"/internal/media/{path}", json=message.to_json(), headers=headers)
        return Refusal.from_json(reply.json) if reply.status_code == 409 else reply.json

    def orphans(self, worker: str) -> list[str]:
        return [one.stream for one in Welcome.from_json(self.say("pulse", Pulse(worker, 1, 0))).streams]

    def beat(self, stream: Stream, worker: str, *, run: int = 0) -> object:
        return self.say(f"streams/{stream.id}/beat", Beat(worker, run, bool(run), 0))


@pytest.fixture
def door(app: Flask) -> Door:
    return Door(app)


def test_a_renamed_worker_finds_what_its_old_name_left_and_the_lesson_can_end(
    door: Door, live: LiveSession, time: Traveller, teacher: User
) -> None:
    assert door.orphans(OLD) == []
    time.shift(59)
    assert door.orphans(NEW) == []
    time.shift(2)
    assert door.orphans(NEW) == [live.stream_id]
    lives.end(live, by=teacher)
    answer = BeatAnswer.from_json(door.beat(live.stream, NEW))
    assert answer.rules is not None
    assert answer.rules.ended
    door.say(f"streams/{live.stream_id}/ended", Ended(1, "session over", finished=True, kept_ms=9000))
    assert (live.stream.finished, live.stream.kept_ms) == (True, 9000)
    assert door.orphans(NEW) == []


def test_the_worker_that_comes_back_is_sent_away(door: Door, live: LiveSession, time: Traveller) -> None:
    door.orphans(OLD)
    time.shift(61)
    door.orphans(NEW)
    door.beat(live.stream, NEW)
    time.shift(5)
    door.orphans(NEW)
    refusal = door.beat(live.stream, OLD, run=live.stream.run)
    assert isinstance(refusal, Refusal)
    assert refusal.code is RefusalCode.STALE_RUN
    assert live.stream.worker == NEW
    assert Welcome.from_json(door.say("hello", Hello(OLD))) == Welcome()


def test_a_worker_that_lives_keeps_its_streams(door: Door, live: LiveSession) -> None:
    door.orphans(OLD)
    assert isinstance(door.beat(live.stream, NEW), Refusal)
    assert BeatAnswer.from_json(door.beat(live.stream, OLD, run=live.stream.run)).rules is not None
