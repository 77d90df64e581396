"""A lesson that people watch, in most tests of this room."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.classroom.cast import Room
from tests.conftest import SignIn
from tests.credits.watching import Watching


@pytest.fixture
def room(app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> Room:
    monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", False)
    return Room(app, sign_in)


@pytest.fixture
def watching(room: Room, monkeypatch: pytest.MonkeyPatch) -> Watching:
    watching = Watching(room, monkeypatch)
    watching.wait(600)
    watching.report("learner")  # the page comes
    return watching
