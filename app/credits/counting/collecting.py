"""Reports on their way into the database: those that arrive together are judged and written together.

An audience of thousands reports every ten seconds. A report waits until the next batch is written, which takes longer
the more there are; who reports is told when hers is on the disk, and sends again what she was not told of.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from app.classroom.engine.seats import Seat
from app.credits.counting.judging import Lesson, Piece, Why
from app.credits.counting.stretches import Stretches
from app.extensions import db

GATHER_S = 0.02
GATHER_EACH_S, MOST_GATHERED_S = 0.05, 2.0
"""Time for which reports gather before they are written: for each one of the batch before so much longer, up to two
seconds. A single watcher hears at once, and of a large audience a thousand are written together."""

AT_A_TIME, AT_MOST_PARTS = 100, 10
"""Number of reports in a transaction: a hundred take some 15 ms, for which the messages of the room stand still, and
on SQLite others wait to write. Where more have gathered than ten such parts, because the database is slow, the parts
are larger."""

REST_S, LONGEST_REST_S = 0.03, 0.5
"""Between two transactions: the pages of a full room are handed what was said meanwhile."""


@dataclass(frozen=True)
class Report:
    """Stretches that the page of a seat reports as played."""

    seat: Seat
    user_id: int
    pieces: Sequence[Piece]
    at_ms: int
    """When it arrived, epoch ms."""


@dataclass(frozen=True)
class Counted:
    """State of a person in a lesson once her report is stored."""

    watched_ms: int
    why: Why
    """Why some of the report did not count."""
    stretches: Stretches


@dataclass(frozen=True)
class Judged:
    """A report and what it was judged by, for the floors above."""

    report: Report
    lesson: Lesson
    before: Stretches
    """What was stored of this person and lesson until then."""


@dataclass(frozen=True)
class Slip:
    """A report that waits, and the promise to its sender."""

    report: Report
    counted: Future[Counted]


Write = Callable[[Sequence[Report]], Sequence[Counted]]


class Collector:
    """Where the reports of this process wait."""

    def __init__(self, app: Flask, write: Write, wait_for_turn: Callable[[float], None]) -> None:
        """Begin to work with the first report.

        Args:
            app: for its database.
            write: judges and commits reports, and returns for each what is stored then.
            wait_for_turn: waits until nothing more urgent is under way, for so many seconds at most.
        """
        self._app, self._write, self._wait_for_turn = app, write, wait_for_turn
        self._waiting: deque[Slip] = deque()
        self._lock = threading.Lock()
        self._is_at_work = False

    def put(self, report: Report) -> Future[Counted]:
        """Have a report written."""
        slip = Slip(report, Future())
        with self._lock:
            self._waiting.append(slip)
            if not self._is_at_work:
                self._is_at_work = True
                threading.Thread(target=self._work, name="credits-collector", daemon=True).start()
        return slip.counted

    def _work(self) -> None:
        pause_s = GATHER_S
        while True:
            time.sleep(pause_s)
            with self._lock:
                slips = list(self._waiting)
                self._waiting.clear()
                if not slips:
                    self._is_at_work = False
                    return
            pause_s = min(MOST_GATHERED_S, max(GATHER_S, len(slips) * GATHER_EACH_S))
            size = max(AT_A_TIME, len(slips) // AT_MOST_PARTS)
            for start in range(0, len(slips), size):
                self._wait_for_turn(LONGEST_REST_S)
                self._settle(slips[start : start + size])
                time.sleep(REST_S)

    def _settle(self, slips: Sequence[Slip]) -> None:
        """Write some reports; when that fails, one after another, so that a single one harms no others."""
        with self._app.test_request_context():
            try:
                for slip, counted in zip(slips, self._write([slip.report for slip in slips]), strict=True):
                    slip.counted.set_result(counted)
            except Exception as failure:  # noqa: BLE001 - the caller who waits for it raises it
                db.session.rollback()
                if len(slips) == 1:
                    slips[0].counted.set_exception(failure)
                    return
                for slip in slips:
                    self._settle([slip])
            finally:
                db.session.remove()


def collector() -> Collector:
    """Return the collector of this process."""
    return cast(Collector, current_app.extensions["credits_collector"])
