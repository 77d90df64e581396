"""Imports of whole lists of people from xlsx and CSV: read, judged row by row, previewed, and only then written."""

from __future__ import annotations

from flask import Flask

from app.kernel.clockwork import clockwork
from app.people.imports import jobs, routes, services


def register(app: Flask) -> None:
    """Open the pages, and go on with the imports that a killed process has left."""
    app.register_blueprint(routes.bp)
    for job in (jobs.read, jobs.write):
        job.bind(app)
    clockwork.at_start(services.resume)
    clockwork.every_hour(services.forget_old)
