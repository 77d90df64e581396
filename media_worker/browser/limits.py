"""How much of everything a browser, or whoever says that it is one, may send."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds of one door. Times are seconds."""

    connections: int = 256
    """At once, all together."""

    strangers: int = 32
    """At once, without an accepted ticket: each may hold one message in memory."""

    connections_per_address: int = 32
    """At once from one address; an institute's presenters share one behind its router."""

    hello_s: float = 5.0
    """From the opened websocket to hello."""

    admission_s: float = 10.0
    """How long the app may think about a ticket."""

    message: int = 272 * 1024
    """Longest message in bytes; the page cuts what its recorder gives into pieces of 256 KiB."""

    text: int = 4096
    """Longest text message."""

    idle_s: float = 10.0
    """Silence after which a sender is taken for lost. A page answers a clock message every two seconds."""

    bytes_per_s: float = 4_000_000
    """What is read on average; whoever sends more waits in his own line."""

    burst_bytes: float = 40_000_000
    """And at once: ten seconds that were kept while the line was down."""

    frames_per_s: float = 500
    """Frames on average: 60 pictures and 50 pieces of sound are normal."""

    burst_frames: float = 6000
    """And at once."""

    texts_per_s: float = 20
    """Text messages on average: the page answers clock messages, one every two seconds."""

    hold_s: float = 12.0
    """A sender whose line broke finds its place within this time. The pipeline gives up after 15 s without media."""


class Budget:
    """A bucket of tokens that fills at a steady rate."""

    def __init__(self, rate: float, burst: float, now_s: float) -> None:
        self._rate, self._burst, self._left, self._at = rate, burst, burst, now_s

    def spend(self, amount: float, now_s: float) -> float:
        """Take from the bucket; gives for how many seconds whoever spends has to wait."""
        self._left = min(self._burst, self._left + (now_s - self._at) * self._rate) - amount
        self._at = now_s
        return max(0.0, -self._left / self._rate)
