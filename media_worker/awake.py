"""The worker's own time: it stands still while the process does, as when its machine is moved."""

from __future__ import annotations

from collections.abc import Callable

LEAP_S = 2.0
"""Two looks at the clock so far apart: nobody ran in between, for timers look several times a second."""


class OwnTime:
    """Seconds in which this process has run, by a clock that is looked at again and again.

    After a sleep what waits in the sockets has not been read yet: nobody was silent, we were deaf.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._looked = clock()
        self._slept = 0.0

    def now(self) -> float:
        """Give the seconds; to be asked more often than every `LEAP_S`."""
        now = self._clock()
        if now - self._looked > LEAP_S:
            self._slept += now - self._looked
        self._looked = now
        return now - self._slept
