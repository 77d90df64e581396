"""What the stage appends to the timeline, and how it looks on pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.classroom.engine import frames
from app.classroom.engine.frames import Shown
from app.classroom.engine.seats import Side
from app.classroom.stage import views
from app.timeline.models import Event

JOINED = "stage.joined"
"""`key` and `name`: since this moment of the capture clock she talks on the stage."""
LEFT = "stage.left"
"""`key` and `name`: until this moment."""
CHANGED = "stage.changed"
"""Somebody was called, muted, or came back with another page; the host came or went; other rules are in force."""


@frames.kind(JOINED, newest_only=True)
@frames.kind(LEFT, newest_only=True)
@frames.kind(CHANGED, newest_only=True)
def _changed(events: Sequence[Event], _side: Side) -> Mapping[int, Shown]:
    stage = views.stage_view(events[0].live_id).as_data()
    return {event.id: Shown({**event.payload, **stage}) for event in events}
