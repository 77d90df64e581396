"""举手: one queue of those who want to speak; the desk gives the floor."""

from __future__ import annotations

from flask import Flask

from app.classroom.engine import door
from app.classroom.hands import commands, kinds, services  # noqa: F401 - importing them fills the registries
from app.kernel.clockwork import clockwork
from app.live import events as live_events


def register(_app: Flask) -> None:
    """Open the feature."""
    clockwork.every_second(services.lower_of_those_gone)
    live_events.ended.connect(services.lower_all)
    door.was_put_out.connect(services.lower_of_one_put_out)
