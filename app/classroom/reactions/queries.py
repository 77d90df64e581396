"""Reading the reactions of a lesson."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.classroom.reactions import kinds
from app.timeline import queries as timeline

MOST_EVENTS = 20_000
"""Maximum number of events that are read: reactions in every three seconds of sixteen hours."""


@dataclass(frozen=True)
class Given:
    """Reactions that came within a few seconds."""

    at_ms: int
    counts: Mapping[str, int]
    """Number of people, by the reaction."""


def given_in(live_id: str) -> list[Given]:
    """Return the reactions of a lesson, in order."""
    events = timeline.after(live_id, 0, kinds={kinds.COUNTED}, limit=MOST_EVENTS)
    return [Given(event.at_ms, event.payload["counts"]) for event in events]
