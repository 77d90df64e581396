"""Courseware: a lesson that is over leaves the house as a package that plays anywhere."""

from __future__ import annotations

from flask import Flask

from app.courseware import cli, embedding, jobs, routes
from app.kernel import slots
from app.kernel.clockwork import clockwork


def register(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(routes.bp)
    app.register_blueprint(embedding.bp)
    app.cli.add_command(cli.courseware)
    jobs.make_waiting.bind(app)
    clockwork.every_hour(jobs.resume)
    slots.fill(app, "replays.beside", routes.beside_replay)
    slots.fill(app, "replays.beside", embedding.beside_replay)
    slots.fill(app, "replays.head", embedding.in_head)
