"""The browser's clock, compared with ours by question and answer as in NTP (RFC 5905, section 8).

The best sample counts, not the newest. While the uplink is full an answer waits behind media, and half of that wait
would pass for a difference of clocks. A sample grows worse with age only as fast as quartzes drift.
"""

from __future__ import annotations

import math

DRIFT = 50e-6
"""Maximum drift between two quartzes, as a share of time."""


class PeerClock:
    """Learns the offset from the browser's time (ms) to our Unix time (ms)."""

    def __init__(self) -> None:
        self._offset: float | None = None
        self._error_ms = math.inf
        self._at_ms = 0.0
        self.rtt_ms = 0.0
        """Round trip of the newest answer."""

    @property
    def known(self) -> bool:
        """Whether an answer has arrived."""
        return self._offset is not None

    def answered(self, asked_ms: float, heard_ms: float, said_ms: float, now_ms: float) -> None:
        """Take an answer.

        Args:
            asked_ms: when the question was sent, on our clock.
            heard_ms: when it arrived, on the browser's clock.
            said_ms: when the answer was sent, on the browser's clock.
            now_ms: when it arrived here, on our clock.
        """
        rtt = (now_ms - asked_ms) - (said_ms - heard_ms)
        if not math.isfinite(rtt) or rtt < 0 or said_ms < heard_ms:
            return
        self.rtt_ms = rtt
        aged = self._error_ms + abs(now_ms - self._at_ms) * DRIFT
        if rtt / 2 <= aged:
            self._offset = ((asked_ms - heard_ms) + (now_ms - said_ms)) / 2
            self._error_ms, self._at_ms = rtt / 2, now_ms

    def here(self, browser_ms: float, now_ms: float) -> float:
        """Return our Unix time (ms) of a moment on the browser's clock: not in the future, and at most a minute ago."""
        moment = browser_ms + (self._offset if self._offset is not None else now_ms - browser_ms)
        return min(now_ms, max(now_ms - 60_000.0, moment))
