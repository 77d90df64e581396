"""The one clock: Unix time in milliseconds. Capture stamps, events and states all use it."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now_ms() -> int:
    """Return the milliseconds since the Unix epoch."""
    return int(time.time() * 1000)


def to_datetime(ms: int) -> datetime:
    """Return epoch milliseconds as an aware UTC datetime."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def to_ms(moment: datetime) -> int:
    """Return an aware datetime as epoch milliseconds."""
    return int(moment.timestamp() * 1000)
