"""The time in which a lesson may be begun, and its end when it goes on for longer.

It may be begun from 30 minutes before its start until its end. One that runs is never cut at its end: its presenters
are asked to extend it, and 30 minutes later it ends by itself when nobody has.
"""

from __future__ import annotations

from enum import StrEnum

from app.live.lifecycle import LiveState
from app.live.models import LiveSession

MINUTE_MS = 60_000
OPENS_BEFORE_MS = 30 * MINUTE_MS
GRACE_MS = 30 * MINUTE_MS
EXTENSION_MS = 30 * MINUTE_MS
ASKED_BEFORE_MS = 10 * MINUTE_MS
"""Time before the end of a running lesson at which its presenter is offered more time."""


class Window(StrEnum):
    """Place of a lesson in its time."""

    EARLY = "early"
    OPEN = "open"
    OVER = "over"
    """Scheduled, and its end has come without it."""
    OVERDUE = "overdue"
    """The lesson runs past its end."""


def window_of(live: LiveSession, now_ms: int) -> Window:
    """Return where a moment (epoch ms) lies in relation to the time of a lesson."""
    if live.is_running:
        return Window.OVERDUE if now_ms >= live.ends_at_ms else Window.OPEN
    if live.state is LiveState.SCHEDULED and now_ms < live.starts_at_ms - OPENS_BEFORE_MS:
        return Window.EARLY
    return Window.OPEN if now_ms < live.ends_at_ms else Window.OVER


def ends_soon(live: LiveSession, now_ms: int) -> bool:
    """Return whether a lesson runs and its end is near or past at a moment (epoch ms): it may need more time."""
    return live.is_running and now_ms >= live.ends_at_ms - ASKED_BEFORE_MS


def next_half_hour_ms(now_ms: int) -> int:
    """Return the first full half hour after a moment (epoch ms), at most as far ahead as a lesson may begin early."""
    return (now_ms // OPENS_BEFORE_MS + 1) * OPENS_BEFORE_MS


def extended_end_ms(live: LiveSession, now_ms: int) -> int:
    """Return the end (epoch ms) that one press on "extend" leads to."""
    return max(live.ends_at_ms, now_ms) + EXTENSION_MS
