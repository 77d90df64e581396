"""The hub: nobody waits, nobody misses anything."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from app.classroom.hub import OUTBOX_FRAMES, Connection, Frame, Hub, Seat
from app.kernel.bus import Bus

SEAT = Seat("abc", 1, "key", False, "zh_CN")


class Log:
    """A timeline in memory."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.reads = 0

    def append(self) -> None:
        number = len(self.frames) + 1
        self.frames.append(Frame(number, {"zh_CN": f"第{number}", "en": f"no. {number}"}))

    def read(self, known: dict[str, int]) -> dict[str, Sequence[Frame]]:
        self.reads += 1
        return {live_id: self.frames[last:] for live_id, last in known.items()}

    def head(self, _live_id: str) -> int:
        return len(self.frames)


def hub_of(log: Log) -> tuple[Hub, Bus]:
    bus = Bus()
    return Hub(bus, "timeline", read=log.read, head=log.head), bus


def test_every_seat_gets_every_frame_once_and_in_order() -> None:
    log = Log()
    hub, bus = hub_of(log)
    with hub.join(SEAT) as one, hub.join(SEAT) as other:
        for _ in range(20):
            log.append()
            bus.wake("timeline")
        for connection in (one, other):
            assert [connection.outbox.get(timeout=5).id for _ in range(20)] == list(range(1, 21))


def test_the_tail_looks_by_itself_when_nobody_wakes_it() -> None:
    log = Log()
    hub, _bus = hub_of(log)
    with hub.join(SEAT) as connection:
        log.append()
        assert connection.outbox.get(timeout=5).id == 1


def test_what_was_before_the_seat_is_not_brought_again() -> None:
    log = Log()
    log.append()
    hub, bus = hub_of(log)
    with hub.join(SEAT) as connection:
        log.append()
        bus.wake("timeline")
        assert connection.outbox.get(timeout=5).id == 2


def test_a_seat_that_does_not_read_is_dropped_and_the_others_go_on() -> None:
    slow, quick = Connection(SEAT), Connection(SEAT)
    for number in range(OUTBOX_FRAMES + 5):
        frame = Frame(number, {})
        slow.offer(frame)
        quick.offer(frame)
        quick.outbox.get_nowait()
    assert slow.dropped
    assert not quick.dropped


def test_the_tail_stumbles_and_goes_on() -> None:
    log = Log()
    failed = threading.Event()

    def read(known: dict[str, int]) -> dict[str, Sequence[Frame]]:
        if not failed.is_set():
            failed.set()
            raise RuntimeError("database away")
        return log.read(known)

    hub = Hub(Bus(), "timeline", read=read, head=log.head)
    with hub.join(SEAT) as connection:
        log.append()
        assert connection.outbox.get(timeout=5).id == 1


def test_an_empty_hub_sleeps() -> None:
    log = Log()
    hub, _bus = hub_of(log)
    with hub.join(SEAT):
        assert hub.count("abc") == 1
    tail = next((thread for thread in threading.enumerate() if thread.name == "timeline-tail"), None)
    if tail is not None:
        tail.join(timeout=5)
        assert not tail.is_alive()
    assert hub.count("abc") == 0
    with hub.join(SEAT) as connection:
        log.append()
        assert connection.outbox.get(timeout=5).id == 1
