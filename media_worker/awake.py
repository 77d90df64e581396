"""The worker's own time, which stands still while the process does, as when its machine is moved."""

from __future__ import annotations

from collections.abc import Callable

LEAP_S = 2.0
"""Gap between two readings above which the process did not run: its timers read the clock several times a second."""


class OwnTime:
    """Seconds for which this process has run.

    After a sleep the sockets hold data that nobody has read yet. The senders were not silent, we were deaf.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._looked = clock()
        self._slept = 0.0

    def now(self) -> float:
        """Return the seconds. Call it more often than every `LEAP_S`, or the gap counts as sleep."""
        now = self._clock()
        if now - self._looked > LEAP_S:
            self._slept += now - self._looked
        self._looked = now
        return now - self._slept
