"""小班课: who has the floor talks with the teacher by WebRTC; the teacher's studio sends all of them as one picture."""

from __future__ import annotations

from flask import Flask

from app.classroom.engine.hub import Hub
from app.classroom.hands import events as hand_events
from app.classroom.stage import commands, relays, renderers, services  # noqa: F401 - importing them fills the registries
from app.classroom.stage.post import Post
from app.kernel import cli
from app.kernel.bus import bus
from app.kernel.clockwork import clockwork
from app.live import events as live_events


def register(app: Flask) -> None:
    """Open the feature."""
    hub: Hub = app.extensions["hub"]
    app.jinja_env.globals.update(stage_layouts=services.LAYOUTS)
    app.extensions["stage_post"] = Post(app, hub, bus)
    cli.examine_also(app, relays.findings)
    hand_events.called.connect(services.tell_call)
    hand_events.lowered.connect(services.take_down)
    live_events.ended.connect(services.close)
    clockwork.every_second(services.keep_order)
