"""Reactions are written down here."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from app.classroom.chat import queries as chat
from app.classroom.engine.commands import Call
from app.classroom.reactions import errors, kinds
from app.classroom.reactions.views import WORDS
from app.kernel.errors import NotFound
from app.live import queries as lives
from app.live.lifecycle import OVER
from app.timeline import services as timeline


def judge(call: Call, reaction: str) -> None:
    """Refuse what is no reaction, and whoever may not react.

    Raises:
        NoSuch: there is no such reaction.
        NotNow: the lesson is over.
        Muted: a presenter has switched writing off for her.
    """
    if reaction not in WORDS:
        raise errors.NoSuch
    if call.live.state in OVER:
        raise errors.NotNow
    if chat.is_muted(call.live.id, call.person.key):
        raise errors.Muted


def count(live_id: str, counts: Mapping[str, int]) -> None:
    """Append to the timeline the number of people who gave each reaction, unless the lesson is over or deleted."""
    with suppress(NotFound):
        if lives.by_id(live_id).state not in OVER:
            timeline.append(live_id, kinds.COUNTED, {"to": "desk", "counts": dict(counts)})
