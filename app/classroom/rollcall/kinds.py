"""Kinds that roll-calls append to the timeline, with their renderers. No event says when a planned one comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import render_template
from flask_babel import gettext as _

from app.classroom.engine import frames
from app.classroom.engine.frames import Shown
from app.classroom.engine.seats import Side
from app.classroom.rollcall.models import Outcome
from app.classroom.rollcall.views import card_view, desk_view
from app.timeline.models import Event

BEGAN = "rollcall.began"
"""`roll` runs `until` a moment (epoch ms), `length_s` seconds."""
CLOSED = "rollcall.closed"
"""`roll` is over, with its `outcome`."""
PLANNED = "rollcall.planned"
"""Roll-calls were planned, or their plan was dropped. For the desk."""


@frames.kind(BEGAN, newest_only=True)
@frames.kind(PLANNED, newest_only=True)
def _changed(events: Sequence[Event], side: Side) -> Mapping[int, Shown]:
    html = _fragment(events[0].live_id, side)
    return {event.id: Shown(event.payload, html) for event in events}


@frames.kind(CLOSED, newest_only=True)
def _closed(events: Sequence[Event], side: Side) -> Mapping[int, Shown]:
    html = _fragment(events[0].live_id, side)
    return {event.id: Shown({**event.payload, "words": _words(event.payload["outcome"])}, html) for event in events}


def _fragment(live_id: str, side: Side) -> dict[str, str]:
    if side is Side.DESK:
        return {"rollcall": render_template("classroom/rollcall/_desk.html", roll_desk=desk_view(live_id))}
    return {"rollcall": render_template("classroom/rollcall/_card.html", roll_card=card_view(live_id))}


def _words(outcome: str) -> str:
    if outcome == Outcome.CANCELLED:
        return str(_("The roll-call was cancelled: it counts for nobody."))
    return str(_("The roll-call is over."))
