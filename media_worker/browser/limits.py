"""Limits of a browser, or of a client that claims to be one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Limits of one door. Times are seconds."""

    connections: int = 256
    """Maximum number of connections at once."""

    strangers: int = 32
    """Maximum number of connections at once without an accepted ticket. Each may hold one message in memory."""

    connections_per_address: int = 32
    """Maximum number of connections at once from one address. An institute's presenters share one behind its router."""

    hello_s: float = 5.0
    """Maximum time from the opened websocket to hello."""

    admission_s: float = 10.0
    """Maximum time for the app to judge a ticket."""

    message: int = 272 * 1024
    """Maximum bytes of a message. The page cuts its recorder's output into pieces of 256 KiB."""

    text: int = 4096
    """Maximum bytes of a text message."""

    idle_s: float = 10.0
    """Silence after which a sender counts as lost. A page answers a clock message every two seconds."""

    bytes_per_s: float = 4_000_000
    """Average rate of reading. A sender that exceeds it waits in its own network line."""

    burst_bytes: float = 40_000_000
    """Maximum burst: ten seconds that were kept while the line was down."""

    frames_per_s: float = 500
    """Average rate of frames. 60 pictures and 50 pieces of sound are normal."""

    burst_frames: float = 6000
    """Maximum burst of frames."""

    texts_per_s: float = 20
    """Average rate of text messages. The page answers clock messages, one every two seconds."""

    hold_s: float = 12.0
    """Time for which a sender whose line broke keeps its place. The pipeline gives up after 15 s without media."""


class Budget:
    """A bucket of tokens that fills at a steady rate."""

    def __init__(self, rate: float, burst: float, now_s: float) -> None:
        self._rate, self._burst, self._left, self._at = rate, burst, burst, now_s

    def spend(self, amount: float, now_s: float) -> float:
        """Take from the bucket. Return the seconds for which the caller has to wait."""
        self._left = min(self._burst, self._left + (now_s - self._at) * self._rate) - amount
        self._at = now_s
        return max(0.0, -self._left / self._rate)
