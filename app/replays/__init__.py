"""Replays: a lesson's recording, watched again or downloaded. Minimal, so far."""

from __future__ import annotations

from flask import Flask

from app.kernel.clockwork import clockwork
from app.replays import jobs, routes


def register(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(routes.bp)
    jobs.make_waiting.bind(app)
    clockwork.every_hour(jobs.resume)
