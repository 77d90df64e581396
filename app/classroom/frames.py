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


def encode(event: Event) -> Frame:
    """Render an event in every language. Needs a request context, for addresses."""
    texts = {}
    for locale in LANGUAGES:
        with force_locale(locale):
            frame = {
                "type": "event",
                "id": event.id,
                "at": event.at_ms,
                "kind": event.kind,
                "data": event.payload,
                "html": _fragments(event),
            }
        texts[locale] = json.dumps(frame, ensure_ascii=False)
    return Frame(event.id, texts)


def _fragments(event: Event) -> dict[str, str]:
    """Render the visible things that the event changes, as learners see them now."""
    if event.kind != live_events.STATE:
        return {}
    live = live_queries.announced(event.live_id)
    return {"state": render_template("classroom/_state.html", live=view_of(live, None))}
