"""The classroom: watch page and studio, and the socket that keeps them up to date. No chat yet."""

from __future__ import annotations

from flask import Flask

from app.classroom import routes, sockets


def register(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(routes.bp)
    sockets.register(app)
