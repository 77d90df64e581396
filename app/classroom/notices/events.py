"""What notices append to the timeline, and how it looks on pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import render_template

from app.classroom import frames
from app.classroom.frames import Shown
from app.classroom.hub import Side
from app.classroom.notices import queries
from app.classroom.notices.views import notice_view
from app.timeline.models import Event

GIVEN = "notice.given"
"""A presenter has announced something; the notice has the id of the event."""
GONE = "notice.gone"
"""`notice` was withdrawn."""


@frames.kind(GIVEN)
def _given(events: Sequence[Event], _side: Side) -> Mapping[int, Shown]:
    found = queries.by_ids(events[0].live_id, [event.id for event in events])
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
