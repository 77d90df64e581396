"""Reactions on their way to the desk: those of a few seconds become one event."""

from __future__ import annotations

import threading
import time
from collections import defaultdict

from app.classroom.engine.hub import Hub
from app.classroom.reactions import services

GATHER_S = 3.0
"""Delay between two events of one lesson: a hall that claps at once costs the timeline one row."""


class Box:
    """Gathers the reactions that came to this process. Each person counts once for each reaction in an event."""

    def __init__(self) -> None:
        """Begin empty."""
        self._lock = threading.Lock()
        self._given: dict[str, dict[str, set[str]]] = {}
        self._emptied_s: dict[str, float] = {}

    def put(self, live_id: str, reaction: str, key: str) -> None:
        """Take a reaction of a person in."""
        with self._lock:
            self._given.setdefault(live_id, defaultdict(set))[reaction].add(key)

    def empty(self, _hub: Hub) -> None:
        """Write down what has gathered; called by the keeper once a second."""
        now_s = time.monotonic()
        with self._lock:
            due = [one for one in self._given if now_s - self._emptied_s.get(one, 0.0) >= GATHER_S]
            taken = {one: self._given.pop(one) for one in due}
            self._emptied_s = {one: at for one, at in self._emptied_s.items() if now_s - at < GATHER_S}
            self._emptied_s.update(dict.fromkeys(taken, now_s))
        for live_id, given in taken.items():
            services.count(live_id, {reaction: len(people) for reaction, people in given.items()})
