"""点名: roll-calls and the people who confirm them, kept as evidence for learning hours.

What was called and what was confirmed is only ever added, never changed; the database refuses the rest.
"""

from __future__ import annotations

from flask import Flask

from app.classroom.engine.presence.keeper import keeper_of
from app.classroom.rollcall import commands, counts, kinds, routes, services  # noqa: F401 - importing them fills the registries
from app.kernel.clockwork import clockwork
from app.live import events as live_events


def register(app: Flask) -> None:
    """Open the feature."""
    app.register_blueprint(routes.bp)
    clockwork.every_second(services.keep_time)
    live_events.changed.connect(services.follow_lesson)
    keeper_of(app).at_each_step(counts.teller().tell)
