"""Replays: a lesson's recording, watched again or downloaded, and what became of the lesson."""

from __future__ import annotations

from flask import Flask

from app.kernel.clockwork import clockwork
from app.replays import jobs, routes, summary


def register(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(routes.bp)
    app.register_blueprint(summary.bp)
    jobs.make_waiting.bind(app)
    clockwork.every_hour(jobs.resume)
