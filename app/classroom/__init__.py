"""The classroom: watch page and studio, and the socket that keeps them up to date."""

from __future__ import annotations

from flask import Flask

from app.classroom import door_commands, exchange_routes, routes, sockets
from app.classroom.chat import commands as chat_commands
from app.classroom.chat import routes as chat_routes
from app.classroom.hands import commands as hand_commands
from app.classroom.hands import services as hand_services
from app.classroom.notices import commands as notice_commands
from app.classroom.people import routes as people_routes
from app.classroom.rollcall import commands as rollcall_commands
from app.classroom.rollcall import routes as rollcall_routes
from app.classroom.rollcall import services as rollcall_services
from app.kernel.clockwork import clockwork
from app.live import events as live_events

COMMANDS = (door_commands, chat_commands, hand_commands, notice_commands, rollcall_commands)
"""Modules that fill the registry when they are imported."""


def register(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(routes.bp)
    app.register_blueprint(exchange_routes.bp)
    app.register_blueprint(chat_routes.bp)
    app.register_blueprint(people_routes.bp)
    app.register_blueprint(rollcall_routes.bp)
    clockwork.every_second(hand_services.lower_of_those_gone)
    clockwork.every_second(rollcall_services.keep_time)
    live_events.changed.connect(rollcall_services.follow_lesson)
    live_events.ended.connect(hand_services.lower_all)
    sockets.register(app)
