"""The classroom: watch page and studio, and the socket that keeps them up to date."""

from __future__ import annotations

from flask import Flask

from app.classroom import door_commands, exchange_routes, routes, sockets
from app.classroom.chat import commands as chat_commands
from app.classroom.chat import routes as chat_routes

COMMANDS = (door_commands, chat_commands)
"""Modules that fill the registry when they are imported."""


def register(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(routes.bp)
    app.register_blueprint(exchange_routes.bp)
    app.register_blueprint(chat_routes.bp)
    sockets.register(app)
