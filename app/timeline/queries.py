"""Reads the timeline, always "after id N"."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, select

from app.extensions import db
from app.timeline.models import Event, Head


def after(
    live_id: str,
    last_seen: int,
    *,
    kinds: Collection[str] | None = None,
    without: Collection[str] = (),
    limit: int = 500,
) -> Sequence[Event]:
    """Return the events after the event `last_seen`, in order. 0 means from the beginning.

    With `kinds` it returns these kinds only, with `without` all others.
    """
    wanted = select(Event).where(Event.live_id == live_id, Event.id > last_seen).order_by(Event.id).limit(limit)
    if kinds is not None:
        wanted = wanted.where(Event.kind.in_(kinds))
    if without:
        wanted = wanted.where(Event.kind.not_in(without))
    return db.session.scalars(wanted).all()


def newest_of(live_id: str, kinds: Collection[str]) -> int:
    """Return the id of the newest event of these kinds. 0 means that there is none."""
    wanted = select(func.max(Event.id)).where(Event.live_id == live_id, Event.kind.in_(kinds))
    return db.session.scalar(wanted) or 0


def newest(live_id: str, *, kinds: Collection[str], before: int | None = None, limit: int) -> Sequence[Event]:
    """Return the last `limit` events of some kinds, in order. With `before`, only events before that one count."""
    wanted = select(Event).where(Event.live_id == live_id, Event.kind.in_(kinds))
    if before is not None:
        wanted = wanted.where(Event.id < before)
    return list(reversed(db.session.scalars(wanted.order_by(Event.id.desc()).limit(limit)).all()))


def last_id(live_id: str) -> int:
    """Return the id of the newest event. 0 means that there is none."""
    return db.session.scalar(select(Head.last_id).where(Head.live_id == live_id)) or 0


def heads(live_ids: Collection[str]) -> dict[str, int]:
    """Return the newest id of each lesson."""
    rows = db.session.execute(select(Head.live_id, Head.last_id).where(Head.live_id.in_(live_ids)))
    return {row.live_id: row.last_id for row in rows}
