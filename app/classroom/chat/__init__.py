"""聊天: messages of a lesson, to all or to the desk.

Each message is an event of the timeline and a row beside it: the event says when, the row what, so that what is
withdrawn is gone from every renderer.
"""

from __future__ import annotations

from flask import Flask

from app.classroom.chat import commands, kinds, pictures, routes, services  # noqa: F401 - importing them fills the registries
from app.kernel.clockwork import clockwork


def register(app: Flask) -> None:
    """Open the feature."""
    app.register_blueprint(routes.bp)
    app.jinja_env.globals.update(chat_slow_s=services.SLOW_S)
    clockwork.every_hour(pictures.remove_unsent)
