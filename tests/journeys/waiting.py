"""Waiting for a condition, with a deadline and a sentence for whoever reads why it was not met."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")

LOOK_EVERY_S = 0.04


def wait_for(condition: Callable[[], Answer], what: str, seconds: float = 20.0) -> Answer:
    """Give the first true answer of `condition`; fails with `what` and the last answer when it takes too long."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what} (last answer: {answer!r})"
        time.sleep(LOOK_EVERY_S)
    return answer


def time_until(condition: Callable[[], object], what: str, seconds: float = 20.0) -> float:
    """Wait as `wait_for` does and give how long it took, in s."""
    began = time.monotonic()
    wait_for(condition, what, seconds)
    return time.monotonic() - began
