"""The engine of the classroom: seats, hub, socket and commands. It knows no feature."""

from __future__ import annotations

from flask import Flask

from app.classroom.engine import door, fetching, frames, sockets
from app.classroom.engine.hub import Hub
from app.classroom.engine.presence.keeper import Keeper
from app.kernel.bus import bus
from app.live import queries as live
from app.timeline import queries as timeline
from app.timeline import services as timeline_services


def register(app: Flask) -> None:
    """Make the hub of this process, with its doorman and its keeper, and open the ways to it."""
    hub = Hub(bus, timeline_services.TOPIC, read=lambda known: frames.read_after(app, known), head=timeline.last_id)
    keeper = Keeper(app, hub)
    keeper.at_each_step(door.close_pages)
    app.extensions |= {"hub": hub, "keeper": keeper, "doorman": sockets.Doorman()}
    app.config["SOCK_SERVER_OPTIONS"] = sockets.SERVER_OPTIONS
    frames.withhold(app, lambda _live_id: lambda _kind, _at_ms: False)
    live.ask_at_the_door(app, door.refusals_of)
    app.register_blueprint(sockets.bp)
    app.register_blueprint(fetching.bp)
