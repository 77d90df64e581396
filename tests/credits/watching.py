"""A lesson, people who report what they play of it, and a clock that the test moves."""

from __future__ import annotations

from typing import Any

import pytest

from app.credits.counting import queries
from app.credits.counting import services as counting
from app.credits.rules.rule import Rule
from app.extensions import db
from tests.classroom.cast import Room
from tests.factories import media

S = 1000


class Watching:
    """A lesson that has been on air for ten minutes, and a clock that the test moves."""

    def __init__(self, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room, self._patch = room, monkeypatch
        self.now_ms = self.began_ms = room.live.started_at_ms or 0
        stream = room.live.stream
        media.pieces(stream, self.began_ms / S, self.began_ms / S + 1200)
        self._patch.setattr("app.credits.counting.commands.clock.now_ms", lambda: self.now_ms)

    def rule(self, **values: Any) -> None:
        self._patch.setattr(counting, "rule_for", lambda live: Rule(**values))

    def wait(self, seconds: float) -> None:
        self.now_ms += round(seconds * S)

    def report(self, who: str, *pieces: tuple[float, float], speed: float = 1, facts: int = 0, **more: Any) -> Any:
        """Report pieces in seconds after the start of the lecture."""
        numbers = [n for start, end in pieces for n in (round(start * S), round(end * S), round(speed * S), facts)]
        return self.room.do(who, "credits.watched", since=self.began_ms, pieces=numbers, **more)

    def stored_s(self, who: str) -> float:
        db.session.commit()
        return queries.watched_s(self.room.live_id, self.room.people[who].id)
