"""What tests of the classroom share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from time_machine import Traveller

from tests.classroom.cast import Room
from tests.conftest import SignIn


@pytest.fixture
def room(app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> Room:
    """A lesson on air with its cast, who may ask as quickly as tests do."""
    monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", False)
    return Room(app, sign_in)


@pytest.fixture
def watch() -> Iterator[Traveller]:
    """A clock that goes only when it is told to."""
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as traveller:
        yield traveller
