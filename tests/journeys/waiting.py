"""Waits for a condition, with a deadline and a sentence for the reader of a failure.

A deadline says "this is broken", never "this is slow": the bench measures speed, on a quiet machine. Each deadline is
meant for a usual machine, and a slow or busy one gets `PATIENCE` times as long. Waiting for a condition that comes
costs nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")

LOOK_EVERY_S = 0.04

PATIENCE = 4
"""Factor by which a machine may be slower than usual: half as quick, with a single core for everything."""

LATE_S = 5.0
"""Delay after which a page was not told of a change, but has found it by itself, as by its next question."""


def wait_for(condition: Callable[[], Answer], what: str, seconds: float = 20.0) -> Answer:
    """Return the first true answer of `condition`. After the deadline it fails with `what` and the last answer.

    `seconds` are those of a usual machine.
    """
    deadline = time.monotonic() + PATIENCE * seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"not within {PATIENCE * seconds:g} s: {what} (last answer: {answer!r})"
        time.sleep(LOOK_EVERY_S)
    return answer


def time_until(condition: Callable[[], object], what: str, seconds: float = 20.0) -> float:
    """Wait as `wait_for` does, and return the duration in s."""
    began = time.monotonic()
    wait_for(condition, what, seconds)
    return time.monotonic() - began
