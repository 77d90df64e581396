"""Counting: the stretches of the media clock that each person watched."""

from __future__ import annotations

from flask import Flask

from app.credits.counting import commands, programme, services  # noqa: F401 - importing fills the registry of commands
from app.credits.counting.collecting import Collector
from app.media import events as media_events


def register(app: Flask) -> None:
    """Open the floor."""
    programme.register(app)
    app.extensions["credits_collector"] = Collector(app, services.write)
    media_events.finished.connect(programme.keep)
