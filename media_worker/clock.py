"""The capture clock: when was the picture with this encoder timestamp taken?

A tag arrives at capture time + encoder delay + network delay. The network only ever adds, so the least
(arrival - timestamp) of the last seconds belongs to the packet that was least delayed.
"""

from __future__ import annotations

from collections import deque

WINDOW_S = 30
"""How long a least delayed packet is believed; 100 ppm of drift are 3 ms in it."""

SLEW_PER_S = 0.02
"""The answer moves by at most 20 ms per second of media, so that neighbouring segments never jump."""


class CaptureClock:
    """Maps an encoder's timestamps (ms) to Unix time (ms)."""

    def __init__(self, encoder_delay_ms: float) -> None:
        self._delay = encoder_delay_ms
        self._least: deque[tuple[int, float]] = deque()
        self._offset: float | None = None
        self._asked_at = 0.0

    def arrived(self, timestamp_ms: float, arrived_ms: float) -> None:
        """Take note of a tag."""
        second, offset = int(arrived_ms // 1000), arrived_ms - timestamp_ms
        least = self._least
        # a monotonic queue: offsets rise from left to right, the left one is the minimum
        while least and least[-1][1] >= offset:
            least.pop()
        if not least or least[-1][0] != second:
            least.append((second, offset))
        while least[0][0] < second - WINDOW_S:
            least.popleft()

    def capture_ms(self, timestamp_ms: float) -> float:
        """Unix time (ms) at which the picture with this timestamp was taken; asked in rising order."""
        target = self._least[0][1] if self._least else 0.0
        if self._offset is None:
            self._offset = target
        else:
            step = SLEW_PER_S * max(0.0, timestamp_ms - self._asked_at)
            self._offset += max(-step, min(step, target - self._offset))
        self._asked_at = timestamp_ms
        return timestamp_ms + self._offset - self._delay
