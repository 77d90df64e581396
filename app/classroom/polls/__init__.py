"""投票 and 答题卡: questions to everybody in the room, and the answers.

A poll whose right answers are known is a quiz. Answers are rows, one for each person, and are counted from these; the
timeline only says that a poll was opened, closed, published or hidden.
"""

from __future__ import annotations

from flask import Flask

from app.classroom.engine.presence.keeper import keeper_of
from app.classroom.polls import commands, counts, kinds, routes, services  # noqa: F401 - importing them fills the registries
from app.classroom.polls.ballots import BallotBox
from app.kernel.clockwork import clockwork
from app.live import events as live_events


def register(app: Flask) -> None:
    """Open the feature."""
    app.register_blueprint(routes.bp)
    app.extensions["ballots"] = BallotBox()
    clockwork.every_second(services.close_overdue)
    live_events.ended.connect(services.close_all)
    live_events.rehearsed.connect(services.copy_prepared)
    keeper_of(app).at_each_step(counts.teller().tell)
