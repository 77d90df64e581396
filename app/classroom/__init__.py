"""The classroom: an engine that knows no feature, the features of a lesson, and the studio that composes them.

Each floor imports only what lies beneath it (pyproject.toml) and registers itself.
"""

from __future__ import annotations

from flask import Flask

from app.classroom import (
    chat,
    engine,
    hands,
    notices,
    people,
    polls,
    questions,
    reactions,
    rollcall,
    slides,
    stage,
    studio,
)

FLOORS = (engine, notices, chat, people, hands, questions, polls, reactions, rollcall, slides, stage, studio)


def register(app: Flask) -> None:
    """Open the room, from the ground floor upwards."""
    for floor in FLOORS:
        floor.register(app)
