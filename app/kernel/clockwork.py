"""The regular work of the jobs process: deadlines and silent streams every second, tidying up every hour."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from app.extensions import db
from app.kernel import pulse

log = logging.getLogger(__name__)

Tick = Callable[[], object]


class Clockwork:
    """Calls the rooms' functions in their intervals. A function that fails does not stop the others."""

    def __init__(self) -> None:
        self._ticks: list[Tick] = []
        self._hourly: list[Tick] = []
        self._at_start: list[Tick] = []
        self._hour_at_s = 0.0

    def every_second(self, tick: Tick) -> None:
        """Call a function every second."""
        if tick not in self._ticks:
            self._ticks.append(tick)

    def every_hour(self, tick: Tick) -> None:
        """Call a function at the start and then every hour."""
        if tick not in self._hourly:
            self._hourly.append(tick)

    def at_start(self, tick: Tick) -> None:
        """Call a function once, when the jobs process starts."""
        if tick not in self._at_start:
            self._at_start.append(tick)

    def tick(self) -> None:
        """Call all functions that are due."""
        due = list(self._ticks)
        if time.monotonic() >= self._hour_at_s:
            self._hour_at_s = time.monotonic() + 3600
            due += self._hourly
        self._call(due)

    def _call(self, due: list[Tick]) -> None:
        for tick in due:
            try:
                tick()
            except Exception:
                log.exception("%s failed", getattr(tick, "__qualname__", tick))
                db.session.rollback()

    def run(self, stop: threading.Event) -> None:
        """Tick until `stop` is set."""
        self._call(self._at_start)
        while not stop.wait(1):
            self.tick()


clockwork = Clockwork()
clockwork.every_second(lambda: pulse.beat("jobs"))
