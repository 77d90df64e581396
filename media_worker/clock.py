"""The capture clock: when was the picture with this encoder timestamp taken?

A tag arrives at capture time + encoder delay + network delay. The network only ever adds, so the least
(arrival - timestamp) of the last seconds belongs to the packet that was least delayed.
"""

from __future__ import annotations

import math
import statistics
from collections import deque

WINDOW_S = 30
"""Seconds for which a least delayed packet counts. A drift of 100 ppm makes 3 ms in that time."""

SLEW = 0.02
"""Maximum correction per unit of media time: 20 ms in a second, so that neighbouring segments never jump."""

CATCH_UP = 0.10
"""Maximum correction per unit of media time while the answer is known to be late by more than `NEAR_MS`.

A busy machine or a burst at the beginning costs a third of a second, which is made good within three seconds.
"""

NEAR_MS = 40.0
"""Lateness that nobody notices: one picture at 25 a second."""

SURE_AFTER = 5
"""Minimum number of seconds with packets from which the scatter of the line can be told."""


class CaptureClock:
    """Maps an encoder's timestamps (ms) to Unix time (ms)."""

    def __init__(self, encoder_delay_ms: float) -> None:
        self._delay = encoder_delay_ms
        self._least: deque[list[float]] = deque()
        """[second, least offset in it, ms] for each second of the window in which a tag arrived."""
        self._offset: float | None = None
        self._asked_at = 0.0

    def arrived(self, timestamp_ms: float, arrived_ms: float) -> None:
        """Record the arrival of a tag."""
        second, offset = arrived_ms // 1000, arrived_ms - timestamp_ms
        if self._least and self._least[-1][0] >= second:
            self._least[-1][1] = min(self._least[-1][1], offset)
            return
        self._least.append([second, offset])
        while self._least[0][0] < second - WINDOW_S:
            self._least.popleft()

    @property
    def doubt_ms(self) -> float:
        """Possible lateness of `capture_ms`, judged by arrivals. It is infinite for the first `SURE_AFTER` seconds.

        It is the sum of two parts: how much later the answer is than the least delayed packet allows, and how much
        later the best packet of a usual second came than the best of all. On a line that is late for seconds at a
        time the second part is large, and the least delayed packet may not have come yet.
        """
        if self._offset is None or len(self._least) < SURE_AFTER:
            return math.inf
        offsets = [offset for _, offset in self._least]
        return max(0.0, self._offset - min(offsets)) + statistics.median(offsets) - min(offsets)

    def near_ms(self, timestamp_ms: float) -> float:
        """Return about when a frame was taken (Unix ms). Call it in any order: it does not change `capture_ms`."""
        offset = min((one for _, one in self._least), default=0.0) if self._offset is None else self._offset
        return timestamp_ms + offset - self._delay

    def capture_ms(self, timestamp_ms: float) -> float:
        """Return the Unix time (ms) at which the picture with this timestamp was taken. Call it in rising order."""
        target = min((offset for _, offset in self._least), default=0.0)
        if self._offset is None:
            self._offset = target
        else:
            passed = max(0.0, timestamp_ms - self._asked_at)
            late = self._offset - target
            # a packet is never early, so lateness is certain; a longer line is only a guess
            self._offset -= min(late, CATCH_UP * passed) if late > NEAR_MS else _within(late, SLEW * passed)
        self._asked_at = timestamp_ms
        return timestamp_ms + self._offset - self._delay


def _within(value: float, most: float) -> float:
    return max(-most, min(most, value))
