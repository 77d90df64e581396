"""How the events of the stage look on pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import render_template

from app.classroom.engine import frames
from app.classroom.engine.frames import Shown
from app.classroom.engine.seats import Side
from app.classroom.stage import kinds, views
from app.timeline.models import Event


@frames.kind(kinds.JOINED, newest_only=True)
@frames.kind(kinds.LEFT, newest_only=True)
@frames.kind(kinds.CHANGED, newest_only=True)
def _changed(events: Sequence[Event], side: Side) -> Mapping[int, Shown]:
    stage = views.stage_view(events[0].live_id)
    html: dict[str, str] = {}
    if side is Side.DESK:
        html["stage"] = render_template("classroom/stage/_desk.html", stage=stage)
    return {event.id: Shown({**event.payload, **stage.as_data()}, html) for event in events}
