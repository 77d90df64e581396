"""Wake-ups between threads and between processes: a watch waits for a topic until it is woken.

A wake-up carries nothing: the truth is in the database, and the woken thread reads it there. So a lost wake-up costs a
moment (every watcher also looks by itself from time to time), one too many costs a look, and neither costs a fact.
The bus serves its own process. A carrier (`app.kernel.carriers`) takes wake-ups to the others.
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from types import TracebackType
from typing import Protocol, Self

log = logging.getLogger(__name__)

RETRY_S = 0.5
"""Delay before a carrier that lost its server tries again."""


class Carrier(Protocol):
    """Takes wake-ups to the other processes and brings theirs."""

    @property
    def lost(self) -> tuple[type[Exception], ...]:
        """Return the exceptions that it raises if its server cannot be reached."""
        ...

    def send(self, topics: Collection[str]) -> None:
        """Wake topics in the other processes.

        Raises:
            Exception: one of `lost`. The next call connects anew.
        """
        ...

    def listen(self) -> Iterator[str | None]:
        """Yield topics that other processes woke, for ever. `None` means that any may have been woken, as after a gap.

        It begins with None as soon as it is connected.

        Raises:
            Exception: one of `lost`. The next call connects anew.
        """
        ...

    def close(self) -> None:
        """Let `listen` come to its end, and close connections."""
        ...


class Watch:
    """Waits for one topic. It remembers a wake-up that came while nobody was waiting."""

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
        """Wait until the topic is woken, for `timeout_s` at most. Return whether it was."""
        woken = self._woken.wait(timeout_s)
        self._woken.clear()
        return woken


class Bus:
    """Topics and their watches."""

    def __init__(self, carrier: Carrier | None = None) -> None:
        """Make a bus. Without a carrier it ends at the border of the process."""
        self._lock = threading.Lock()
        self._waiting: defaultdict[str, set[threading.Event]] = defaultdict(set)
        self._relay: Relay | None = None
        if carrier:
            self.carry_by(carrier)

    def carry_by(self, carrier: Carrier | None) -> None:
        """Reach the other processes by this carrier, in place of the one before."""
        with self._lock:
            before, self._relay = self._relay, Relay(carrier, self._ring) if carrier else None
            is_heard = bool(self._waiting)
        if before:
            before.close()
        if is_heard and self._relay:
            self._relay.hear()

    def watch(self, topic: str) -> Watch:
        """Return a context manager whose `wait` waits for the topic."""
        return Watch(self, topic)

    def wake(self, topic: str) -> None:
        """Wake all watches of the topic, those of this process at once. It waits for no server."""
        self._ring(topic)
        relay = self._relay
        if relay:
            relay.send(topic)

    def add(self, topic: str, event: threading.Event) -> None:
        """Set `event` whenever the topic is woken."""
        with self._lock:
            self._waiting[topic].add(event)
            relay = self._relay
        if relay:
            relay.hear()

    def discard(self, topic: str, event: threading.Event) -> None:
        """Forget `event`."""
        with self._lock:
            self._waiting[topic].discard(event)
            if not self._waiting[topic]:
                del self._waiting[topic]

    def _ring(self, topic: str | None) -> None:
        with self._lock:
            if topic is None:
                waiting = {event for events in self._waiting.values() for event in events}
            else:
                waiting = set(self._waiting.get(topic, ()))
        for event in waiting:
            event.set()


class Relay:
    """Two threads around a carrier, one to send and one to listen. Both start when needed, and outlive a lost server.

    A topic that is woken faster than it can be sent is sent once.
    """

    def __init__(self, carrier: Carrier, ring: Callable[[str | None], None]) -> None:
        self._carrier, self._ring = carrier, ring
        self._lock = threading.Lock()
        self._outgoing: set[str] = set()
        self._has_outgoing = threading.Event()
        self._is_closed = threading.Event()
        self._threads: dict[str, threading.Thread] = {}

    def send(self, topic: str) -> None:
        """Wake a topic in the other processes, soon."""
        with self._lock:
            self._outgoing.add(topic)
        self._has_outgoing.set()
        self._begin("bus-sender", self._send_all)

    def hear(self) -> None:
        """Begin to listen for wake-ups of the other processes."""
        self._begin("bus-listener", self._hear_all)

    def close(self) -> None:
        """End both threads."""
        self._is_closed.set()
        self._has_outgoing.set()
        self._carrier.close()

    def _begin(self, name: str, work: Callable[[], None]) -> None:
        with self._lock:
            if name in self._threads or self._is_closed.is_set():
                return
            self._threads[name] = threading.Thread(target=self._keep_at, args=(work,), name=name, daemon=True)
            self._threads[name].start()

    def _keep_at(self, work: Callable[[], None]) -> None:
        is_down = False
        while not self._is_closed.is_set():
            try:
                work()
                is_down = False
            except self._carrier.lost as error:
                if self._is_closed.is_set():
                    return
                if not is_down:
                    log.warning("other processes cannot be woken; the bus tries again until they can: %s", error)
                is_down = True
                self._is_closed.wait(RETRY_S)

    def _send_all(self) -> None:
        self._has_outgoing.wait()
        self._has_outgoing.clear()
        with self._lock:
            topics, self._outgoing = self._outgoing, set()
        try:
            if topics:
                self._carrier.send(topics)
        except self._carrier.lost:
            with self._lock:
                self._outgoing |= topics
            self._has_outgoing.set()
            raise

    def _hear_all(self) -> None:
        for topic in self._carrier.listen():
            self._ring(topic)


bus = Bus()
"""The bus of this process. `carriers.register` gives it its carrier."""
