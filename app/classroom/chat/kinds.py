"""Kinds that the chat appends to the timeline, with their renderers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import render_template

from app.classroom.chat import queries
from app.classroom.chat.models import Message, Rules
from app.classroom.chat.views import message_views
from app.classroom.engine import frames
from app.classroom.engine.frames import Shown
from app.classroom.engine.seats import Side
from app.classroom.engine.words import by_ids
from app.timeline.models import Event

SAID = "chat.said"
"""A person has written. The message has the id of the event."""
CHANGED = "chat.changed"
"""`message` has other words now."""
GONE = "chat.gone"
"""`message` was withdrawn or deleted."""
PINNED = "chat.pinned"
"""Another message is pinned, or none."""
MUTED = "chat.muted"
"""`key` may not write any more, or may again: `muted`."""
RULES = "chat.rules"
"""The rules for writing have changed."""


def rules_payload(rules: Rules) -> dict[str, Any]:
    """Return what pages know of the rules."""
    return {"muted_all": rules.muted_all, "slow_s": rules.slow_s, "guests": rules.guests, "pictures": rules.pictures}


@frames.kind(SAID, until=(CHANGED, GONE))
def _said(events: Sequence[Event], side: Side) -> Mapping[int, Shown]:
    return _messages(events, side, [event.id for event in events])


@frames.kind(CHANGED)
def _changed(events: Sequence[Event], side: Side) -> Mapping[int, Shown]:
    return _messages(events, side, [event.payload["message"] for event in events])


@frames.kind(GONE)
def _gone(events: Sequence[Event], _side: Side) -> Mapping[int, Shown]:
    return {event.id: Shown({"gone": f"chat-{event.payload['message']}"}) for event in events}


@frames.kind(PINNED, newest_only=True)
def _pinned(events: Sequence[Event], side: Side) -> Mapping[int, Shown]:
    live_id = events[0].live_id
    message = queries.pinned(live_id)
    views = message_views(live_id, [message] if message else [], side)
    html = render_template("classroom/chat/_pinned.html", message=views[0] if views else None, side=side)
    return {event.id: Shown({}, {"pinned": html}) for event in events}


@frames.kind(MUTED)
def _muted(events: Sequence[Event], _side: Side) -> Mapping[int, Shown]:
    return {event.id: Shown({"key": event.payload["key"], "muted": event.payload["muted"]}) for event in events}


@frames.kind(RULES)
def _rules(events: Sequence[Event], _side: Side) -> Mapping[int, Shown]:
    return {event.id: Shown(event.payload) for event in events}


def _messages(events: Sequence[Event], side: Side, ids: Sequence[int]) -> dict[int, Shown]:
    live_id = events[0].live_id
    found = by_ids(Message, live_id, ids)
    views = {view.id: view for view in message_views(live_id, list(found.values()), side)}
    return {
        event.id: Shown(
            {"message": number, "by": views[number].by_key, "name": views[number].by_name, "text": views[number].text},
            {"message": render_template("classroom/chat/_message.html", message=views[number], side=side)},
        )
        for event, number in zip(events, ids, strict=True)
        if number in views
    }
