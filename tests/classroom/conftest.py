"""What tests of the classroom share."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.classroom.cast import Room
from tests.conftest import SignIn


@pytest.fixture
def room(app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> Room:
    """A lesson on air with its cast, who may ask as quickly as tests do."""
    monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", False)
    return Room(app, sign_in)
