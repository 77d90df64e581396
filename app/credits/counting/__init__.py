"""Counting: the stretches of the media clock that each person watched."""

from __future__ import annotations

from flask import Flask

from app.classroom.engine.presence.keeper import keeper_of
from app.credits.counting import (
    commands,  # noqa: F401 - importing it fills the registry
    programme,
    routes,
    services,
    views,
)
from app.credits.counting.collecting import Collector
from app.credits.counting.teaching import Teaching
from app.kernel import slots
from app.live import events as live_events
from app.media import events as media_events


def register(app: Flask) -> None:
    """Open the floor."""
    programme.register(app)
    app.extensions["credits_collector"] = Collector(app, services.write, app.extensions["hub"].wait_for_rest)
    app.register_blueprint(routes.bp)
    slots.fill(app, "player.beneath", views.beneath_player)
    keeper_of(app).at_each_step(Teaching().count)
    media_events.finished.connect(programme.keep)
    live_events.changed.connect(services.plan_checks)
