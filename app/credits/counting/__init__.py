"""Counting: the stretches of the media clock that each person watched."""

from __future__ import annotations

from flask import Flask

from app.credits.counting import programme
from app.media import events as media_events


def register(app: Flask) -> None:
    """Open the floor."""
    programme.register(app)
    media_events.finished.connect(programme.keep)
