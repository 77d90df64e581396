"""Paces: some may pass at once, the others one after another."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from time import monotonic

MOST_KEYS = 20_000
"""Maximum number of remembered keys. The key that was used longest ago goes first."""


class Pace:
    """Returns for each newcomer the moment from which she counts (GCRA, ITU-T I.371).

    Each process counts by itself.
    """

    def __init__(self, *, at_once: int, every_s: float) -> None:
        """Let `at_once` pass together, and one more in every `every_s` seconds."""
        self._ahead_s, self._every_s = at_once * every_s, every_s
        self._lock = threading.Lock()
        self._booked: OrderedDict[Hashable, float] = OrderedDict()

    def book(self, key: Hashable) -> float:
        """Take the next place of a key. Return the seconds until it comes. 0 means at once."""
        now = monotonic()
        with self._lock:
            booked = max(now, self._booked.pop(key, now)) + self._every_s
            self._booked[key] = booked
            if len(self._booked) > MOST_KEYS:
                self._booked.popitem(last=False)
        return max(0.0, booked - self._ahead_s - now)

    def forget(self) -> None:
        """Forget all keys, for tests."""
        with self._lock:
            self._booked.clear()
