"""Kinds that polls append to the timeline, with their renderers.

Answers are no events. The desk's bars are told once a second, see `counts`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import render_template

from app.classroom.engine import frames
from app.classroom.engine.frames import Shown
from app.classroom.engine.seats import Side
from app.classroom.polls import queries, views
from app.classroom.polls.views import PollView
from app.live import queries as lives
from app.timeline.models import Event

OPENED = "polls.opened"
"""Learners may answer `poll`, for the first time or again."""
CLOSED = "polls.closed"
"""`poll` takes no more answers. A presenter, its countdown or the end of the lesson has closed it."""
PUBLISHED = "polls.published"
"""Everybody sees the results of `poll`."""
HIDDEN = "polls.hidden"
"""Learners do not see `poll` any more."""
LISTED = "polls.listed"
"""Polls were prepared, changed, moved or deleted. For the desk."""


@frames.kind(OPENED)
@frames.kind(CLOSED)
@frames.kind(PUBLISHED)
@frames.kind(HIDDEN)
def _changed(events: Sequence[Event], side: Side) -> Mapping[int, Shown]:
    live = lives.by_id(events[0].live_id)
    found = queries.by_ids(live.id, {event.payload["poll"] for event in events})
    polls = [poll for poll in found.values() if side is Side.DESK or poll.state in queries.SHOWN_TO_LEARNERS]
    html = {view.id: poll_html(view, side) for view in views.poll_views(polls, side, over=live.is_over)}
    shown = {}
    for event in events:
        number = event.payload["poll"]
        if number in html:
            data = {"poll": number, "state": str(found[number].state)}
            shown[event.id] = Shown(data, {"poll": html[number]})
        else:
            shown[event.id] = Shown({"poll": number, "gone": f"poll-{number}"})
    return shown


@frames.kind(LISTED, newest_only=True)
def _listed(events: Sequence[Event], side: Side) -> Mapping[int, Shown]:
    live = lives.by_id(events[0].live_id)
    if side is Side.LEARNER or live.is_over:
        return {}
    polls = views.poll_views(queries.polls_of(live.id), side)
    html = {"polls": render_template("classroom/polls/_list.html", polls=polls)}
    return {event.id: Shown({}, html) for event in events}


def poll_html(poll: PollView, side: Side) -> str:
    """Draw a poll for one side."""
    template = "classroom/polls/_desk_poll.html" if side is Side.DESK else "classroom/polls/_poll.html"
    return render_template(template, poll=poll)
