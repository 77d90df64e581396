"""Kinds that reactions append to the timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.classroom.engine import frames
from app.classroom.engine.frames import Shown
from app.classroom.engine.seats import Side
from app.timeline.models import Event

COUNTED = "reactions.counted"
"""`counts`, the number of people who gave each reaction within a few seconds. For the desk."""


@frames.kind(COUNTED)
def _counted(events: Sequence[Event], side: Side) -> Mapping[int, Shown]:
    if side is not Side.DESK:
        return {}
    return {event.id: Shown({"counts": event.payload["counts"]}) for event in events}
