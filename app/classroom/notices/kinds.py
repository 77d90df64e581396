"""Kinds that notices append to the timeline, with their renderers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import render_template

from app.classroom.engine import frames
from app.classroom.engine.frames import Shown
from app.classroom.engine.seats import Side
from app.classroom.engine.words import by_ids
from app.classroom.notices import lines
from app.classroom.notices.models import Notice
from app.classroom.notices.views import notice_view
from app.live import kinds as live_kinds
from app.live import queries as live_queries
from app.live.views import now_of
from app.timeline.models import Event

GIVEN = "notice.given"
"""A presenter has announced something; the notice has the id of the event."""
GONE = "notice.gone"
"""`notice` was withdrawn."""


@frames.kind(GIVEN)
def _given(events: Sequence[Event], _side: Side) -> Mapping[int, Shown]:
    found = by_ids(Notice, events[0].live_id, [event.id for event in events])
    return {
        number: Shown(
            {"notice": number, "by": notice.by_name, "text": notice.text},
            {"notice": render_template("classroom/notices/_notice.html", notice=notice_view(notice))},
        )
        for number, notice in found.items()
    }


@frames.kind(GONE)
def _gone(events: Sequence[Event], _side: Side) -> Mapping[int, Shown]:
    return {event.id: Shown({"gone": f"notice-{event.payload['notice']}"}) for event in events}


@frames.kind(live_kinds.STATE)
def _state(events: Sequence[Event], _side: Side) -> Mapping[int, Shown]:
    """Show what the lesson is doing, as learners see it, and the line that each change leaves among the messages."""
    live, told = live_queries.by_id(events[0].live_id), lines.of(events)
    html: dict[int, dict[str, str]] = {event.id: {} for event in events}
    for event_id, line in told.items():
        html[event_id]["line"] = render_template("classroom/notices/_line.html", line=line)
    html[events[-1].id]["state"] = render_template("classroom/player/_state.html", live=now_of(live, None))
    return {event.id: Shown(event.payload, html[event.id]) for event in events}
