"""Kinds that hands append to the timeline, with their renderers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import render_template

from app.classroom.engine import frames
from app.classroom.engine.frames import Shown
from app.classroom.engine.seats import Side
from app.classroom.hands import queries
from app.timeline.models import Event

RAISED = "hands.raised"
"""`key` and `name` of a person who raised a hand, or gave another reason."""
LOWERED = "hands.lowered"
"""`key` and `name` of a person whose hand is down."""
CALLED = "hands.called"
"""`key` and `name` of a person who has the floor."""


@frames.kind(RAISED, newest_only=True)
@frames.kind(LOWERED, newest_only=True)
@frames.kind(CALLED, newest_only=True)
def _changed(events: Sequence[Event], side: Side) -> Mapping[int, Shown]:
    hands = queries.queue(events[0].live_id)
    html: dict[str, str] = {}
    if side is Side.DESK:
        html["hands"] = render_template("classroom/hands/_queue.html", hands=hands)
    return {event.id: Shown({**event.payload, **queue_data(hands)}, html) for event in events}


def queue_data(hands: Sequence[Any]) -> dict[str, list[str]]:
    """Return who waits, in order, and who has the floor: pages find their own place in it."""
    return {
        "queue": [hand.key for hand in hands if hand.called_ms is None],
        "floor": [hand.key for hand in hands if hand.called_ms is not None],
    }
