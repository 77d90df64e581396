"""The bars of the open polls, which the desk sees grow."""

from __future__ import annotations

from collections.abc import Mapping

from flask import render_template

from app.classroom.engine import frames
from app.classroom.engine.presence.teller import Teller
from app.classroom.engine.seats import Side, Variant
from app.classroom.polls import queries, views
from app.classroom.polls.models import Poll
from app.classroom.polls.queries import Count


def teller() -> Teller[Poll, Count]:
    """Return what tells the desks of one hub."""
    return Teller(queries.open_in, queries.counts_of, _wires)


def _wires(poll: Poll, count: Count) -> Mapping[Variant, bytes]:
    (view,) = views.poll_views([poll], Side.DESK)
    return frames.for_desk(
        lambda: frames.told(
            "polls.counts",
            {"poll": poll.id, "total": count.total},
            {"results": render_template("classroom/polls/_results.html", poll=view)},
        )
    )
