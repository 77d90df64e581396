"""The classroom: watch page and studio, and the socket that keeps them up to date."""

from __future__ import annotations

from flask import Flask

from app.classroom import door_commands, exchange_routes, routes, sending_routes, sockets
from app.classroom.chat import commands as chat_commands
from app.classroom.chat import routes as chat_routes
from app.classroom.hands import commands as hand_commands
from app.classroom.hands import services as hand_services
from app.classroom.notices import commands as notice_commands
from app.classroom.people import routes as people_routes
from app.classroom.polls import commands as poll_commands
from app.classroom.polls import routes as poll_routes
from app.classroom.polls import services as poll_services
from app.classroom.polls.ballots import BallotBox
from app.classroom.questions import commands as question_commands
from app.classroom.questions import routes as question_routes
from app.classroom.questions import services as question_services
from app.classroom.rollcall import commands as rollcall_commands
from app.classroom.rollcall import routes as rollcall_routes
from app.classroom.rollcall import services as rollcall_services
from app.classroom.slides import commands as slide_commands
from app.classroom.slides import events as slide_events  # noqa: F401 - fills the registry of kinds
from app.classroom.slides import routes as slide_routes
from app.classroom.slides import services as slide_services
from app.documents import events as document_events
from app.kernel.clockwork import clockwork
from app.live import events as live_events

ROOMS = (
    routes, exchange_routes, sending_routes, chat_routes, people_routes, question_routes, poll_routes, rollcall_routes,
    slide_routes,
)  # fmt: skip
"""Modules with a blueprint."""

COMMANDS = (
    door_commands, chat_commands, hand_commands, notice_commands, question_commands, poll_commands, rollcall_commands,
    slide_commands,
)  # fmt: skip
"""Modules that fill the registry when they are imported."""


def register(app: Flask) -> None:
    """Open the room."""
    for room in ROOMS:
        app.register_blueprint(room.bp)
    app.extensions["ballots"] = BallotBox()
    clockwork.every_second(hand_services.lower_of_those_gone)
    clockwork.every_second(question_services.tell_votes)
    clockwork.every_second(poll_services.close_overdue)
    clockwork.every_second(rollcall_services.keep_time)
    clockwork.every_second(slide_services.list_due)
    document_events.changed.connect(slide_services.follow_documents)
    live_events.changed.connect(rollcall_services.follow_lesson)
    live_events.ended.connect(hand_services.lower_all)
    live_events.ended.connect(poll_services.close_all)
    sockets.register(app)
