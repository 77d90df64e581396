"""问答: questions of learners, those with the most votes first, and what became of them.

As in the chat, an event says that something happened and the words are in a row beside it. The event also keeps what a
question was then, open or answered, and its votes, so that a replay shows each at its time. Who has asked is never in
an event that learners hear.
"""

from __future__ import annotations

from flask import Flask

from app.classroom.questions import commands, kinds, routes, services  # noqa: F401 - importing them fills the registries
from app.kernel.clockwork import clockwork


def register(app: Flask) -> None:
    """Open the feature."""
    app.register_blueprint(routes.bp)
    clockwork.every_second(services.tell_votes)
