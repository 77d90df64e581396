"""Renderers of the kinds that slides append to the timeline.

Of pages that learners have not been shown, nothing is told to them: neither by the events of others nor by `next`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from flask import render_template

from app.classroom.engine import frames
from app.classroom.engine.frames import Shown
from app.classroom.engine.seats import Side
from app.classroom.slides import kinds, views
from app.live import queries as lives
from app.timeline.models import Event


@frames.kind(kinds.SHOWN, until=(kinds.SHOWN, kinds.LISTED))
def _shown(events: Sequence[Event], side: Side) -> Mapping[int, Shown]:
    pages = views.shown_pages(events, side)
    return {event_id: Shown(asdict(page)) for event_id, page in pages.items()}


@frames.kind(kinds.CLEARED)
@frames.kind(kinds.DRAWN)
@frames.kind(kinds.ERASED)
@frames.kind(kinds.POINTED)
@frames.kind(kinds.SCENE)
@frames.kind(kinds.RULES)
def _as_it_is(events: Sequence[Event], _side: Side) -> Mapping[int, Shown]:
    return {event.id: Shown(event.payload) for event in events}


@frames.kind(kinds.LISTED, newest_only=True)
def _listed(events: Sequence[Event], side: Side) -> Mapping[int, Shown]:
    live = lives.by_id(events[0].live_id)
    if side is Side.LEARNER or live.is_over:
        return {}
    html = render_template("classroom/slides/_tabs.html", documents=views.tabs(live.id))
    return {event.id: Shown({}, {"tabs": html}) for event in events}
