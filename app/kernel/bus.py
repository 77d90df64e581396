"""Wake-ups within one process: somebody waits for a topic, somebody else says that it has changed.

A wake-up carries nothing: the truth is in the database, and who is woken reads it there. So a lost wake-up
costs a moment (everybody also looks by himself from time to time) and never a fact.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from types import TracebackType
from typing import Self


class Watch:
    """Waits for one topic; remembers a wake-up that came while nobody was waiting."""

    def __init__(self, bus: Bus, topic: str) -> None:
        self._bus, self._topic = bus, topic
        self._woken = threading.Event()

    def __enter__(self) -> Self:
        self._bus.add(self._topic, self._woken)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._bus.discard(self._topic, self._woken)

    def wait(self, timeout_s: float) -> bool:
        """Wait until the topic is woken, at most `timeout_s` seconds; say whether it was."""
        woken = self._woken.wait(timeout_s)
        self._woken.clear()
        return woken


class Bus:
    """Topics and who waits for them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: defaultdict[str, set[threading.Event]] = defaultdict(set)

    def watch(self, topic: str) -> Watch:
        """Give a context in which `wait` hears the topic."""
        return Watch(self, topic)

    def wake(self, topic: str) -> None:
        """Wake all who wait for the topic."""
        with self._lock:
            waiting = tuple(self._waiting.get(topic, ()))
        for event in waiting:
            event.set()

    def add(self, topic: str, event: threading.Event) -> None:
        """Have `event` set when the topic is woken."""
        with self._lock:
            self._waiting[topic].add(event)

    def discard(self, topic: str, event: threading.Event) -> None:
        """Forget `event`."""
        with self._lock:
            self._waiting[topic].discard(event)
            if not self._waiting[topic]:
                del self._waiting[topic]


bus = Bus()
