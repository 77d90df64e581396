"""The watch page and the studio: they compose what the floors beneath them show."""

from __future__ import annotations

from flask import Flask

from app.classroom.studio import lecture, routes, sending
from media_worker.contract import KEYFRAME_EVERY_MS


def register(app: Flask) -> None:
    """Open the pages."""
    app.register_blueprint(routes.bp)
    app.register_blueprint(lecture.bp)
    app.register_blueprint(sending.bp)
    app.jinja_env.globals.update(key_every_ms=KEYFRAME_EVERY_MS)
