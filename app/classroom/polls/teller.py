"""Tells the desk how many have answered what: at most once a second for each poll, however many answer."""

from __future__ import annotations

from flask import render_template

from app.classroom.engine import frames
from app.classroom.engine.hub import Hub
from app.classroom.engine.seats import Side
from app.classroom.polls import queries, views
from app.classroom.polls.models import Poll
from app.classroom.polls.queries import Count
from app.kernel.web import LANGUAGES, written_in


class Teller:
    """Looks after the open polls of the rooms of this process in which somebody of the desk sits."""

    def __init__(self) -> None:
        """Know of no answers yet."""
        self._told: dict[int, Count] = {}

    def tell(self, hub: Hub) -> None:
        """Tell what has changed since the last time. Called by the keeper, once a second."""
        rooms = {live_id for live_id, seats in hub.seats().items() if any(one.side is Side.DESK for one in seats)}
        polls = queries.open_in(rooms) if rooms else []
        counts = queries.counts_of([poll.id for poll in polls]) if polls else {}
        for poll in polls:
            if counts[poll.id] != self._told.get(poll.id):
                self._send(hub, poll, counts[poll.id].total)
        self._told = counts

    def _send(self, hub: Hub, poll: Poll, total: int) -> None:
        (view,) = views.poll_views([poll], Side.DESK)
        wires = {}
        for language in LANGUAGES:
            with written_in(language):
                html = {"results": render_template("classroom/polls/_results.html", poll=view)}
                told = frames.told("polls.counts", {"poll": poll.id, "total": total}, html)
                wires[language, Side.DESK] = told
        hub.tell(poll.live_id, wires)
