"""What the jobs process looks after every second: deadlines and silent partners, finer than a queue's minute."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from app.extensions import db
from app.kernel import pulse

log = logging.getLogger(__name__)

Tick = Callable[[], object]


class Clockwork:
    """Calls what the rooms have hung into it once a second; one that fails does not stop the others."""

    def __init__(self) -> None:
        self._ticks: list[Tick] = []

    def every_second(self, tick: Tick) -> None:
        """Hang a function into the clockwork."""
        if tick not in self._ticks:
            self._ticks.append(tick)

    def tick(self) -> None:
        """Run everything once."""
        for tick in self._ticks:
            try:
                tick()
            except Exception:
                log.exception("%s failed", getattr(tick, "__qualname__", tick))
                db.session.rollback()

    def run(self, stop: threading.Event) -> None:
        """Tick until `stop` is set."""
        while not stop.wait(1):
            self.tick()


clockwork = Clockwork()
clockwork.every_second(lambda: pulse.beat("jobs"))
