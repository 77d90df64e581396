"""The hub: nobody waits, nobody misses anything."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from app.classroom.engine import hub as hubs
from app.classroom.engine.hub import Connection, Frame, Hub, Known
from app.classroom.engine.seats import Person, Seat, Side, Variant
from app.classroom.engine.wire import MOST_BEHIND, Outlet, payload_of, text_frame
from app.kernel.bus import Bus

SEAT = Seat("abc", Person("u1", "李四", 1), Side.LEARNER, "learner", False, "zh_CN", "key")
OTHER = Seat("abc", Person("u2", "王五", 2), Side.LEARNER, "learner", False, "en", "key2")
DESK = Seat("abc", Person("u3", "李明远", 3), Side.DESK, "teacher", True, "zh_CN", "key3")


class Log:
    """A timeline in memory."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []

    def append(self, *, only: frozenset[str] | None = None, desk_only: bool = False) -> None:
        number = len(self.frames) + 1
        sides = [Side.DESK] if desk_only else list(Side)
        wires = {(locale, side): text_frame(f"{locale} {number}") for locale in ("zh_CN", "en") for side in sides}
        self.frames.append(Frame(number, wires, only))

    def read(self, known: Mapping[str, Known]) -> dict[str, Sequence[Frame]]:
        return {live_id: self.frames[room.last :] for live_id, room in known.items()}

    def head(self, _live_id: str) -> int:
        return len(self.frames)


def hub_of(log: Log) -> tuple[Hub, Bus]:
    bus = Bus()
    return Hub(bus, "timeline", read=log.read, head=log.head), bus


class Page:
    """The other end of a connection."""

    def __init__(self, connection: Connection, end: socket.socket) -> None:
        self.connection, self._end, self._read = connection, end, b""
        end.settimeout(5)

    def next(self) -> str:
        """Return the next frame."""
        while len(self._read) < 4 or len(self._read) < self._size():
            if 2 <= len(self._read) == self._size():
                break
            got = self._end.recv(4096)
            assert got, "the connection has ended"
            self._read += got
        size = self._size()
        frame, self._read = self._read[:size], self._read[size:]
        return payload_of(frame)

    def _size(self) -> int:
        """Return the length of the first frame, of which at least two bytes are there, or four of a long one."""
        if self._read[1] < 126 or len(self._read) < 4:
            return 2 + self._read[1]
        return 4 + int.from_bytes(self._read[2:4])

    def numbers(self, count: int) -> list[int]:
        return [int(self.next().split()[1]) for _ in range(count)]

    def has_ended(self) -> bool:
        try:
            while self._end.recv(65_536):
                pass
        except ConnectionResetError:
            pass
        return True


@contextmanager
def page(hub: Hub, seat: Seat = SEAT, *, live: bool = True) -> Iterator[Page]:
    """Open a page; without `live` its backlog is still being read."""
    here, there = socket.socketpair()
    with here, there, hub.join(seat, Outlet(here)) as connection:
        if live:
            connection.go_live()
        yield Page(connection, there)


def test_every_page_gets_every_event_once_and_in_order_in_its_language() -> None:
    log = Log()
    hub, bus = hub_of(log)
    with page(hub) as one, page(hub, OTHER) as other:
        for _ in range(20):
            log.append()
            bus.wake("timeline")
        assert [one.next() for _ in range(20)] == [f"zh_CN {number}" for number in range(1, 21)]
        assert [other.next() for _ in range(20)] == [f"en {number}" for number in range(1, 21)]


def test_what_is_for_one_person_reaches_her_and_the_desk_and_nobody_else() -> None:
    log = Log()
    hub, bus = hub_of(log)
    with page(hub) as one, page(hub, OTHER) as other, page(hub, DESK) as desk:
        log.append(only=frozenset({"u1"}))
        log.append(desk_only=True)
        log.append()
        bus.wake("timeline")
        assert one.numbers(2) == [1, 3]
        assert other.numbers(1) == [3]
        assert desk.numbers(3) == [1, 2, 3]


def test_the_tail_looks_by_itself_when_nobody_wakes_it() -> None:
    log = Log()
    hub, _bus = hub_of(log)
    with page(hub) as one:
        log.append()
        assert one.numbers(1) == [1]


def test_what_was_before_the_seat_is_not_brought_again() -> None:
    log = Log()
    log.append()
    hub, bus = hub_of(log)
    with page(hub) as one:
        log.append()
        bus.wake("timeline")
        assert one.numbers(1) == [2]


def test_what_happens_while_the_backlog_is_read_comes_behind_it_once() -> None:
    log = Log()
    hub, bus = hub_of(log)
    with page(hub, live=False) as late, page(hub) as other:
        for _ in range(3):
            log.append()
        bus.wake("timeline")
        assert other.numbers(3) == [1, 2, 3], "all of it was offered to everybody"
        backlog = b"".join(frame.wire_for(SEAT) for frame in log.frames[:2])
        late.connection.catch_up(text_frame("hello 0") + backlog, after=2)
        assert late.connection.go_live()
        assert late.numbers(4) == [0, 1, 2, 3]
        log.append()
        bus.wake("timeline")
        assert late.numbers(1) == [4]


def test_what_comes_while_a_long_backlog_is_read_is_left_to_the_backlog() -> None:
    log = Log()
    hub, bus = hub_of(log)
    count = hubs.MOST_WAITING + 1
    with page(hub, live=False) as late, page(hub) as other:
        for _ in range(count):
            log.append()
        bus.wake("timeline")
        assert other.numbers(count) == list(range(1, count + 1)), "all of it was offered to everybody"
        assert late.connection.waiting == [], "it would fill the memory"
        assert not late.connection.go_live(), "there is more to read"
        late.connection.catch_up(b"".join(frame.wire_for(SEAT) for frame in log.frames), after=count)
        assert late.connection.go_live()
        assert late.numbers(count) == list(range(1, count + 1))


def test_events_are_rendered_for_those_who_sit_there_and_who_comes_meanwhile_misses_none() -> None:
    log, asked = Log(), list[frozenset[Variant]]()

    def read(known: Mapping[str, Known]) -> dict[str, Sequence[Frame]]:
        asked.append(known["abc"].variants)
        frames = [replace(frame, rendered=asked[-1]) for frame in log.frames[known["abc"].last :]]
        return {"abc": frames}

    bus = Bus()
    hub = Hub(bus, "timeline", read=read, head=log.head)
    with page(hub) as one:
        log.append()
        bus.wake("timeline")
        assert one.numbers(1) == [1]
        assert set(asked) == {frozenset({SEAT.variant})}
        with page(hub, OTHER, live=False) as reading, page(hub, OTHER) as sitting:
            late = [replace(log.frames[0], id=2, rendered=frozenset({SEAT.variant}))]
            reading.connection.offer(late, None)
            sitting.connection.offer(late, None)
            assert not reading.connection.go_live(), "it is in the backlog"
            assert sitting.has_ended(), "she comes back and asks for it"
            log.append()
            bus.wake("timeline")
            assert one.numbers(1) == [2]
            assert asked[-1] == {SEAT.variant, OTHER.variant}


def test_a_page_that_does_not_read_is_dropped_and_the_others_go_on() -> None:
    log = Log()
    hub, bus = hub_of(log)
    with page(hub, OTHER) as slow, page(hub) as quick:
        heavy = "x" * 60_000
        for number in range(1, 2 + (MOST_BEHIND + 2_000_000) // len(heavy)):
            wires = {("en", Side.LEARNER): text_frame(heavy), ("zh_CN", Side.LEARNER): text_frame(f"zh_CN {number}")}
            log.frames.append(Frame(number, wires))
            bus.wake("timeline")
            assert quick.numbers(1) == [number]
        assert slow.has_ended()
        assert slow.connection.outlet.closed


def test_a_long_backlog_is_no_reason_to_drop_who_is_about_to_read_it() -> None:
    log = Log()
    hub, bus = hub_of(log)
    with page(hub, live=False) as slow, page(hub) as other:
        opening = [text_frame(f"{'z' * 100} {number}") for number in range(80_000)]
        slow.connection.catch_up(b"".join(opening), after=0)
        slow.connection.go_live()
        assert slow.connection.outlet.is_behind
        log.append()
        bus.wake("timeline")
        assert other.numbers(1) == [1]
        hub.tell("abc", {SEAT.variant: text_frame("count 5")})
        assert other.numbers(1) == [5]
        assert slow.numbers(80_000) == list(range(80_000))
        assert slow.numbers(2) == [1, 5]


def test_a_page_that_reads_slowly_gets_everything_whole() -> None:
    log = Log()
    hub, bus = hub_of(log)
    with page(hub) as slow:
        slow.connection.outlet._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        text = "y" * 100
        for number in range(1, 1001):
            log.frames.append(Frame(number, {SEAT.variant: text_frame(f"{text} {number}")}))
        bus.wake("timeline")
        deadline = time.monotonic() + 5
        while not slow.connection.outlet.is_behind and time.monotonic() < deadline:
            time.sleep(0.01)
        assert slow.connection.outlet.is_behind
        assert slow.numbers(1000) == list(range(1, 1001))


def test_what_is_told_is_kept_nowhere() -> None:
    log = Log()
    hub, _bus = hub_of(log)
    with page(hub) as one, page(hub, OTHER) as other:
        hub.tell("abc", {SEAT.variant: text_frame("count 7")})
        hub.tell(
            "abc", {SEAT.variant: text_frame("only 8"), OTHER.variant: text_frame("only 8")}, only=frozenset({"u2"})
        )
        hub.tell("abc", {SEAT.variant: text_frame("count 9")})
        assert one.numbers(2) == [7, 9]
        assert other.numbers(1) == [8]


def test_one_who_is_put_out_goes_and_the_others_stay() -> None:
    hub, _bus = hub_of(Log())
    with page(hub) as one, page(hub) as twice, page(hub, OTHER) as other:
        assert (hub.count("abc"), hub.pages_of("abc", "u1"), hub.pages_of("abc", "u2")) == (3, 2, 1)
        hub.put_out("abc", "u1")
        assert one.has_ended()
        assert twice.has_ended()
        assert not other.connection.outlet.closed
    assert hub.pages_of("abc", "u1") == 0


def test_the_tail_stumbles_and_goes_on() -> None:
    log = Log()
    failed = threading.Event()

    def read(known: dict[str, int]) -> dict[str, Sequence[Frame]]:
        if not failed.is_set():
            failed.set()
            raise RuntimeError("database away")
        return log.read(known)

    hub = Hub(Bus(), "timeline", read=read, head=log.head)
    with page(hub) as one:
        log.append()
        assert one.numbers(1) == [1]


def test_an_empty_hub_sleeps() -> None:
    log = Log()
    hub, _bus = hub_of(log)
    with page(hub):
        assert hub.count("abc") == 1
    tail = next((thread for thread in threading.enumerate() if thread.name == "timeline-tail"), None)
    if tail is not None:
        tail.join(timeout=5)
        assert not tail.is_alive()
    assert hub.count("abc") == 0
    with page(hub) as one:
        log.append()
        assert one.numbers(1) == [1]


def test_a_frame_says_its_length_as_the_protocol_wants_it() -> None:
    for size, head in ((0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)):
        frame = text_frame("a" * size)
        assert len(frame) == head + size
        assert payload_of(frame) == "a" * size
