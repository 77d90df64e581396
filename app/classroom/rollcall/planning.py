"""Lengths of roll-calls, and moments for them that nobody can foresee."""

from __future__ import annotations

import secrets

LENGTHS_S = (30, 60, 120, 300)
USUAL_S = 60
MOST_PLANNED = 10

MARGIN_MS = 60_000
"""No random roll-call begins in the first minute, or in the last one."""
APART_MS = 120_000
"""Minimum time between the beginnings of two."""
PAUSE_MS = 60_000
"""Minimum time from the end of a random roll-call to the next."""


def apart_ms(length_s: int) -> int:
    """Return the least time between the beginnings of two roll-calls of a length."""
    return max(APART_MS, length_s * 1000 + PAUSE_MS)


def room_for(now_ms: int, ends_ms: int, length_s: int) -> int:
    """Return how many roll-calls of a length the time between two moments (epoch ms) has room for."""
    slack = _slack(now_ms, ends_ms, length_s)
    return 0 if slack < 0 else slack // apart_ms(length_s) + 1


def draw(now_ms: int, ends_ms: int, length_s: int, count: int) -> list[int]:
    """Draw the moments (epoch ms, in order) of so many roll-calls, every possible choice as likely as any other.

    Each is over before the end. There must be room, see `room_for`.
    """
    apart = apart_ms(length_s)
    free = _slack(now_ms, ends_ms, length_s) - (count - 1) * apart
    offsets = sorted(secrets.randbelow(free + 1) for _ in range(count))
    return [now_ms + MARGIN_MS + offset + number * apart for number, offset in enumerate(offsets)]


def _slack(now_ms: int, ends_ms: int, length_s: int) -> int:
    """Return the time between the first and the last moment at which one may begin."""
    return ends_ms - max(MARGIN_MS, length_s * 1000) - (now_ms + MARGIN_MS)
