"""Frames of the classroom's socket: events of the timeline, encoded once for each language. See docs/protocol.md."""

from __future__ import annotations

import json
from collections.abc import Sequence

from flask import Flask, render_template
from flask_babel import force_locale

from app.classroom.hub import Frame
from app.extensions import db
from app.kernel import clock
from app.kernel.web import LANGUAGES
from app.live import events as live_events
from app.live import queries as live_queries
from app.live.views import view_of
from app.timeline import queries as timeline
from app.timeline.models import Event

PING = json.dumps({"type": "ping"})
"""Sent from time to time: scripts do not see the protocol's own pings."""


def hello(last_id: int) -> str:
    """Greet a page: the server's clock, and the newest event."""
    return json.dumps({"type": "hello", "now": clock.now_ms(), "last": last_id})


def read_after(app: Flask, known: dict[str, int]) -> dict[str, Sequence[Frame]]:
    """Give the frames that each room has not seen yet, for the hub's tail."""
    if not known:
        return {}
    with app.test_request_context():
        try:
            heads = timeline.heads(known)
            return {
                live_id: [encode(event) for event in timeline.after(live_id, last)]
                for live_id, last in known.items()
                if heads.get(live_id, 0) > last
            }
        finally:
            db.session.remove()


def backlog(live_id: str, last_seen: int, locale: str) -> list[Frame]:
    """Give everything after the event `last_seen`, in one language.

    Only the newest state brings its fragment: the ones before it would be covered at once, and rendering them
    would let a page that asks for a whole lesson keep the others waiting.
    """
    events: list[Event] = []
    while batch := timeline.after(live_id, events[-1].id if events else last_seen):
        events += batch
    newest_state = max((event.id for event in events if event.kind == live_events.STATE), default=0)
    return [encode(event, (locale,), fragments=event.id == newest_state) for event in events]


def encode(event: Event, locales: Sequence[str] = LANGUAGES, *, fragments: bool = True) -> Frame:
    """Render an event in some languages. Needs a request context, for addresses."""
    texts = {}
    for locale in locales:
        with force_locale(locale):
            frame = {
                "type": "event",
                "id": event.id,
                "at": event.at_ms,
                "kind": event.kind,
                "data": event.payload,
                "html": _fragments(event) if fragments else {},
            }
        texts[locale] = json.dumps(frame, ensure_ascii=False)
    return Frame(event.id, texts)


def _fragments(event: Event) -> dict[str, str]:
    """Render the visible things that the event changes, as learners see them now."""
    if event.kind != live_events.STATE:
        return {}
    live = live_queries.by_id(event.live_id)
    return {"state": render_template("classroom/_state.html", live=view_of(live, None))}
