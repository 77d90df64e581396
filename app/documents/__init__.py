"""Documents of a presenter, page by page, each page as pictures, text and notes.

The jobs process turns files into pages (`convert`). A whiteboard is a document whose pages begin blank.
"""

from __future__ import annotations

from flask import Flask

from app.documents import health, jobs, picture_routes, routes, tidying, upload_routes
from app.documents import queries as queries
from app.kernel.cli import examine_also
from app.kernel.clockwork import clockwork


def register(app: Flask) -> None:
    """Open the room."""
    for blueprint in (upload_routes.bp, routes.bp, picture_routes.bp):
        app.register_blueprint(blueprint)
    jobs.convert_waiting.bind(app)
    examine_also(app, health.findings)
    clockwork.every_hour(jobs.resume)
    clockwork.every_hour(tidying.tidy)
