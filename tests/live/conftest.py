"""What the tests of lessons share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine


@pytest.fixture
def november() -> Iterator[None]:
    """Hold the forms' dates in the future, whenever the tests run."""
    with time_machine.travel("2026-11-24T10:00:00Z"):
        yield
