"""Waiting for a condition, with a deadline and a sentence for whoever reads why it was not met.

A deadline says "this is broken", never "this is slow": how quick things are is measured by the bench, on a quiet
machine. Each deadline is named for a usual machine, and a slow or busy one gets `PATIENCE` times as long; to wait for
what comes costs nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")

LOOK_EVERY_S = 0.04

PATIENCE = 4
"""How many times slower than usual a machine may be: half as quick, with a single core for everything."""

LATE_S = 5.0
"""Seconds after which a page has not been told of something but has found out by itself, as by its next question."""


def wait_for(condition: Callable[[], Answer], what: str, seconds: float = 20.0) -> Answer:
    """Give the first true answer of `condition`; fails with `what` and the last answer when it takes too long.

    `seconds` are those of a usual machine.
    """
    deadline = time.monotonic() + PATIENCE * seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"not within {PATIENCE * seconds:g} s: {what} (last answer: {answer!r})"
        time.sleep(LOOK_EVERY_S)
    return answer


def time_until(condition: Callable[[], object], what: str, seconds: float = 20.0) -> float:
    """Wait as `wait_for` does and give how long it took, in s."""
    began = time.monotonic()
    wait_for(condition, what, seconds)
    return time.monotonic() - began
