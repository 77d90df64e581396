"""Writes the timeline."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import delete, update

from app.extensions import db
from app.kernel import clock
from app.kernel.bus import bus
from app.kernel.unit_of_work import unit_of_work
from app.timeline.models import Event, Head

TOPIC = "timeline"
"""Topic on the bus, woken after every commit that has appended an event to any lesson."""


def open_row(live_id: str) -> None:
    """Begin the row of a new lesson."""
    with unit_of_work():
        db.session.add(Head(live_id=live_id, last_id=0))


def append(
    live_id: str, kind: str, payload: dict[str, Any], *, by_id: int | None = None, at_ms: int | None = None
) -> Event:
    """Append an event. Ids of a lesson rise by one, without gaps, in the order of commits.

    Args:
        live_id: the lesson.
        kind: dotted name, such as `live.state`.
        payload: plain JSON values.
        by_id: the person who did it. `None` means that it happened by itself.
        at_ms: the moment on the capture clock. `None` means now.
    """
    with unit_of_work() as after_commit:
        number = db.session.execute(
            update(Head).where(Head.live_id == live_id).values(last_id=Head.last_id + 1).returning(Head.last_id)
        ).scalar_one()
        event = Event(
            live_id=live_id,
            id=number,
            at_ms=clock.now_ms() if at_ms is None else at_ms,
            kind=kind,
            payload=payload,
            by_id=by_id,
        )
        db.session.add(event)
        after_commit(lambda: bus.wake(TOPIC))
    return event


def replace(
    live_id: str, kinds: Collection[str], told: Iterable[tuple[int, str, dict[str, Any]]], *, by_id: int | None = None
) -> None:
    """Put other events in the place of all events of some kinds, in a lesson that is over.

    The new ones are appended, so that whoever knows the newest id hears of them.

    Args:
        live_id: the lesson.
        kinds: what goes.
        told: moment on the capture clock, kind and payload of each new event, in order.
        by_id: the person who did it.
    """
    with unit_of_work():
        db.session.execute(delete(Event).where(Event.live_id == live_id, Event.kind.in_(kinds)))
        for at_ms, kind, payload in told:
            append(live_id, kind, payload, by_id=by_id, at_ms=at_ms)
