"""The hub: who sits in which room of this process, and the tail that brings them the timeline.

One tail per process reads what was appended, renders and encodes a frame once for each language, and offers it
to every seat. A seat has a bounded outbox: one that does not read is dropped and comes back with its last id.
Nobody loses an event: a seat is registered before its backlog is read, so an event is in the backlog, in the
outbox, or in both, and the writer skips what it has sent.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from app.kernel.bus import Bus

log = logging.getLogger(__name__)

OUTBOX_FRAMES = 64

POLL_S = 0.2
"""How often the tail looks by itself: what another process appended wakes nobody here."""


@dataclass(frozen=True)
class Frame:
    """One event, ready to be sent: its text in each language."""

    id: int
    texts: dict[str, str]


@dataclass(frozen=True)
class Seat:
    """Who sits where: ids and permissions, no database object, since a lesson lasts hours."""

    live_id: str
    user_id: int | None
    sign_in_key: str
    """Empty: a visitor without an account."""
    directs: bool
    locale: str


@dataclass(eq=False)
class Connection:
    """One open page."""

    seat: Seat
    outbox: queue.Queue[Frame] = field(default_factory=lambda: queue.Queue(OUTBOX_FRAMES))
    dropped: bool = False

    def offer(self, frame: Frame) -> None:
        """Take a frame, or drop the connection when it does not keep up."""
        try:
            self.outbox.put_nowait(frame)
        except queue.Full:
            self.dropped = True


Reader = Callable[[dict[str, int]], dict[str, Sequence[Frame]]]
"""Gives the frames after the newest known id of each room."""

HeadReader = Callable[[str], int]


class Hub:
    """The rooms of this process."""

    def __init__(self, bus: Bus, topic: str, *, read: Reader, head: HeadReader) -> None:
        """Make an empty hub; its tail starts with the first seat and stops with the last."""
        self._bus, self._topic, self._read, self._head = bus, topic, read, head
        self._lock = threading.Lock()
        self._rooms: dict[str, set[Connection]] = {}
        self._known: dict[str, int] = {}
        self._tail: threading.Thread | None = None

    @contextmanager
    def join(self, seat: Seat) -> Iterator[Connection]:
        """Take a seat; from now on the connection's outbox fills."""
        connection = Connection(seat)
        head = self._head(seat.live_id)
        with self._lock:
            self._rooms.setdefault(seat.live_id, set()).add(connection)
            self._known.setdefault(seat.live_id, head)
            if self._tail is None:
                self._tail = threading.Thread(target=self._follow, name="timeline-tail", daemon=True)
                self._tail.start()
        try:
            yield connection
        finally:
            with self._lock:
                room = self._rooms[seat.live_id]
                room.discard(connection)
                if not room:
                    del self._rooms[seat.live_id], self._known[seat.live_id]

    def count(self, live_id: str) -> int:
        """Count the seats of a room in this process."""
        with self._lock:
            return len(self._rooms.get(live_id, ()))

    def _follow(self) -> None:
        with self._bus.watch(self._topic) as watch:
            while self._is_wanted():
                watch.wait(POLL_S)
                try:
                    self._bring()
                except Exception:
                    log.exception("the tail stumbled; it goes on")

    def _is_wanted(self) -> bool:
        with self._lock:
            if not self._rooms:
                self._tail = None
            return bool(self._rooms)

    def _bring(self) -> None:
        with self._lock:
            known = dict(self._known)
        for live_id, frames in self._read(known).items():
            for frame in frames:
                self._publish(live_id, frame)

    def _publish(self, live_id: str, frame: Frame) -> None:
        with self._lock:
            seats = tuple(self._rooms.get(live_id, ()))
            if live_id in self._known:
                self._known[live_id] = frame.id
        for connection in seats:
            connection.offer(frame)
