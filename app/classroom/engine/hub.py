"""The hub: the pages in each room of this process, and the tail that brings them the timeline.

One tail per process reads the appended events, and each event is rendered and encoded once for every language and side
of the room. All events of one tick are written together, to every page without waiting. Bytes that a slow page does not
take lie in its outlet, and too many of them end the connection. The page then comes back with the id of the last event
that it has seen.
Nobody loses an event: a connection is registered before its backlog is read, so an event is in the backlog, in what
waits, or in both, and is sent once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

from flask import current_app
from flask_babel import lazy_gettext as _l

from app.classroom.engine.seats import Seat, Side, Variant
from app.classroom.engine.wire import Outlet
from app.kernel.bus import Bus
from app.kernel.errors import AppError

log = logging.getLogger(__name__)

POLL_S = 1.0
"""Interval at which the tail looks by itself, because a wake-up from another process may be lost."""

TICK_S, LONGEST_TICK_S = 0.05, 0.25
PAGES_PER_S = 20_000
"""Events that come within a tick are written together. The tick grows with the number of open pages, so that writing
to them never takes more than one core."""

PAGES_AT_A_TIME = 250
"""Number of writes after which other work of this process has its turn."""

MOST_WAITING = 256
"""Events that may wait for a page whose backlog is being read."""


class TooManyPages(AppError):
    """One person, or the visitors of one block of addresses, have very many pages open."""

    status = 429
    code = "classroom.too_many_pages"
    message = _l("This lesson is open in too many windows.")
    mend = _l("Close some of them.")


@dataclass(frozen=True, slots=True)
class Frame:
    """One event, ready to be sent: its bytes for every language and side. A side that may not see it has none."""

    id: int
    wires: Mapping[Variant, bytes]
    only: frozenset[str] | None = None
    """Keys of the people on the learners' side whom it is for. None means all."""
    rendered: frozenset[Variant] | None = None
    """Variants for which it was rendered: those of the room's pages. None means every one."""

    def is_for(self, variant: Variant) -> bool:
        """Return whether the event was rendered for a variant, even if it shows nothing there."""
        return self.rendered is None or variant in self.rendered

    def wire_for(self, seat: Seat) -> bytes:
        """Return the bytes for a seat; empty when it may not see the event."""
        if self.only is not None and seat.side is Side.LEARNER and seat.person.key not in self.only:
            return b""
        return self.wires.get(seat.variant, b"")


@dataclass(eq=False, slots=True)
class Connection:
    """One open page."""

    seat: Seat
    outlet: Outlet
    after: int = 0
    """Id of the newest event that was written to the page."""
    is_live: bool = False
    """The backlog is written. Until then events wait."""
    waiting: list[Frame] = field(default_factory=list)
    has_too_many: bool = False
    """More events came than may wait. The backlog has them by now."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def catch_up(self, backlog: bytes, after: int) -> None:
        """Write a part of the missed events. `after` is the id of the newest one in it."""
        with self.lock:
            self.after = after
            self.outlet.write(backlog, at_once=True)

    def go_live(self) -> bool:
        """Write the events that came while the backlog was written. From now on the page gets events as they come.

        Returns False if more came than may wait. Then there is a backlog again.
        """
        with self.lock:
            late = [frame for frame in self.waiting if frame.id > self.after]
            self.is_live, self.has_too_many, self.waiting = not self.has_too_many, False, []
            if self.is_live and late:
                self.after = late[-1].id
                self.outlet.write(b"".join(frame.wire_for(self.seat) for frame in late), at_once=True)
            return self.is_live

    def offer(self, frames: Sequence[Frame], shared: bytes | None) -> bool:
        """Take the events of one tick. Return whether some bytes could not be written yet.

        Args:
            frames: in order.
            shared: their bytes for everybody of this variant. `None` means that the bytes depend on the person.
        """
        with self.lock:
            is_strange = not frames[0].is_for(self.seat.variant)  # it was read when nobody of this variant was here
            if not self.is_live:
                self.has_too_many |= is_strange or len(self.waiting) + len(frames) > MOST_WAITING
                self.waiting = [] if self.has_too_many else [*self.waiting, *frames]
                return False
            if is_strange and self.after < frames[-1].id:
                self.outlet.close()  # the page comes back with the last id that it has seen
                return False
            if shared is None or self.after >= frames[0].id:
                shared = b"".join(frame.wire_for(self.seat) for frame in frames if frame.id > self.after)
            self.after = max(self.after, frames[-1].id)
            if shared:
                self.outlet.write(shared)
            return self.outlet.is_behind

    def tell(self, wire: bytes) -> bool:
        """Write a message that is not an event. Return whether it was written.

        A page that has just come does not get it, and finds it out by itself.
        """
        with self.lock:  # not before the greeting, which is about to be written
            if self.is_live:
                self.outlet.write(wire)
            return self.is_live and not self.outlet.closed


@dataclass(frozen=True, slots=True)
class Known:
    """The pages of one lesson, and the newest event that was brought to them."""

    last: int
    """Id of the newest event that was brought."""
    variants: frozenset[Variant]
    """Languages and sides of its pages."""


Reader = Callable[[Mapping[str, Known]], Mapping[str, Sequence[Frame]]]
"""Returns the frames after the newest known id of each room, rendered for the people who sit there."""

HeadReader = Callable[[str], int]


class Hub:
    """The rooms of this process."""

    def __init__(self, bus: Bus, topic: str, *, read: Reader, head: HeadReader) -> None:
        """Make an empty hub; its tail starts with the first seat and stops with the last."""
        self._bus, self._topic, self._read, self._head = bus, topic, read, head
        self._lock = threading.Lock()
        self._rooms: dict[str, set[Connection]] = {}
        self._known: dict[str, int] = {}
        self._variants: dict[str, Counter[Variant]] = {}
        self._behind: set[Connection] = set()
        self._pages: Counter[tuple[str, str]] = Counter()
        self._of_blocks: Counter[str] = Counter()
        self._tail: threading.Thread | None = None
        self._at_rest = threading.Event()
        self._at_rest.set()

    @contextmanager
    def join(
        self, seat: Seat, outlet: Outlet, *, most: int | None = None, most_of_block: int | None = None
    ) -> Iterator[Connection]:
        """Take a seat. From now on, events wait for `go_live`.

        Args:
            seat: who comes.
            outlet: writes to the page.
            most: maximum number of pages of one lesson that one person may have open. `None` means no maximum.
            most_of_block: the same for all visitors of one block of addresses, in all lessons.

        Raises:
            TooManyPages: the maximum is reached.
        """
        connection = Connection(seat, outlet)
        head = self._head(seat.live_id)
        with self._lock:
            if most is not None and self._pages[seat.live_id, seat.person.key] >= most:
                raise TooManyPages
            if seat.block and most_of_block is not None and self._of_blocks[seat.block] >= most_of_block:
                raise TooManyPages
            self._of_blocks[seat.block] += 1
            self._rooms.setdefault(seat.live_id, set()).add(connection)
            self._known.setdefault(seat.live_id, head)
            self._variants.setdefault(seat.live_id, Counter())[seat.variant] += 1
            self._pages[seat.live_id, seat.person.key] += 1
            if self._tail is None:
                self._tail = threading.Thread(target=self._follow, name="timeline-tail", daemon=True)
                self._tail.start()
        try:
            yield connection
        finally:
            with self._lock:
                self._behind.discard(connection)
                room = self._rooms[seat.live_id]
                room.discard(connection)
                self._pages[seat.live_id, seat.person.key] -= 1
                if not self._pages[seat.live_id, seat.person.key]:
                    del self._pages[seat.live_id, seat.person.key]
                self._of_blocks[seat.block] -= 1
                if not self._of_blocks[seat.block]:
                    del self._of_blocks[seat.block]
                self._variants[seat.live_id][seat.variant] -= 1
                if not room:
                    del self._rooms[seat.live_id], self._known[seat.live_id], self._variants[seat.live_id]

    def count(self, live_id: str) -> int:
        """Count the open pages of a room in this process."""
        return len(self._connections(live_id))

    def pages_of(self, live_id: str, key: str) -> int:
        """Count the open pages of one person."""
        with self._lock:
            return self._pages[live_id, key]

    def seats(self) -> dict[str, list[Seat]]:
        """Return the seats of each room, one for each open page."""
        with self._lock:
            return {live_id: [one.seat for one in room] for live_id, room in self._rooms.items()}

    def tell(self, live_id: str, wires: Mapping[Variant, bytes], *, only: frozenset[str] | None = None) -> None:
        """Write a message that is not an event and is not stored, such as a count.

        Args:
            live_id: the room.
            wires: its bytes for each variant. A variant without any is left out.
            only: keys of the people whom it is for. `None` means everybody.
        """
        for number, one in enumerate(self._connections(live_id)):
            wire = wires.get(one.seat.variant)
            if wire and (only is None or one.seat.person.key in only):
                one.tell(wire)
            if number % PAGES_AT_A_TIME == PAGES_AT_A_TIME - 1:
                time.sleep(0)

    def tell_page(self, live_id: str, key: str, page: str, wire: bytes) -> bool:
        """Write a message to one page of one person. Return whether the page has got it in this process."""
        its = [one for one in self._connections(live_id) if (one.seat.person.key, one.seat.page) == (key, page)]
        written = [one.tell(wire) for one in its]
        return any(written)

    def tell_each(self, live_id: str, wires: Mapping[str, bytes]) -> None:
        """Write to each of some people a message for her alone. `wires` are its bytes by the key of the person."""
        for number, one in enumerate(self._connections(live_id) if wires else ()):
            if (wire := wires.get(one.seat.person.key)) is not None:
                one.tell(wire)
            if number % PAGES_AT_A_TIME == PAGES_AT_A_TIME - 1:
                time.sleep(0)

    def put_out(self, live_id: str, key: str) -> None:
        """End the connections of one person; at the door she hears why."""
        for one in self._connections(live_id):
            if one.seat.person.key == key:
                one.outlet.close()

    def wait_for_rest(self, within_s: float) -> None:
        """Wait until no event is on its way to the pages, for `within_s` at most. Then work that can wait may begin."""
        self._at_rest.wait(within_s)

    def _connections(self, live_id: str) -> tuple[Connection, ...]:
        with self._lock:
            return tuple(self._rooms.get(live_id, ()))

    def _follow(self) -> None:
        brought_at = 0.0
        with self._bus.watch(self._topic) as watch:
            while self._is_wanted():
                watch.wait(TICK_S if self._behind else POLL_S)
                time.sleep(max(0.0, brought_at + self._tick_s() - time.monotonic()))
                brought_at = time.monotonic()
                self._at_rest.clear()
                try:
                    self._bring()
                    self._flush()
                except Exception:
                    log.exception("the tail stumbled; it goes on")
                finally:
                    self._at_rest.set()

    def _tick_s(self) -> float:
        with self._lock:
            pages = self._pages.total()
        return min(LONGEST_TICK_S, max(TICK_S, pages / PAGES_PER_S))

    def _is_wanted(self) -> bool:
        with self._lock:
            if not self._rooms:
                self._tail = None
            return bool(self._rooms)

    def _bring(self) -> None:
        with self._lock:
            known = {live_id: Known(last, frozenset(+self._variants[live_id])) for live_id, last in self._known.items()}
        for live_id, frames in self._read(known).items():
            if frames:
                self._publish(live_id, frames)

    def _publish(self, live_id: str, frames: Sequence[Frame]) -> None:
        connections = self._connections(live_id)
        with self._lock:
            if live_id in self._known:
                self._known[live_id] = max(self._known[live_id], frames[-1].id)
        shared: dict[Variant, bytes | None] = {}
        if all(frame.only is None for frame in frames):
            for variant in {one.seat.variant for one in connections}:
                shared[variant] = b"".join(frame.wires.get(variant, b"") for frame in frames)
        for number, one in enumerate(connections):
            if one.offer(frames, shared.get(one.seat.variant)):
                with self._lock:
                    self._behind.add(one)
            if number % PAGES_AT_A_TIME == PAGES_AT_A_TIME - 1:
                time.sleep(0)

    def _flush(self) -> None:
        with self._lock:
            behind = tuple(self._behind)
        done = {one for one in behind if not one.outlet.flush()}
        with self._lock:
            self._behind -= done


def hub() -> Hub:
    """Return the hub of this process."""
    return cast(Hub, current_app.extensions["hub"])
