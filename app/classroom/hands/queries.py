"""Reading the queue."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.classroom.hands.models import Hand
from app.extensions import db


def queue(live_id: str) -> Sequence[Hand]:
    """Return the hands that are up: those who have the floor, then in the order in which they were raised."""
    wanted = select(Hand).where(Hand.live_id == live_id)
    return db.session.scalars(wanted.order_by(Hand.called_ms.is_(None), Hand.number)).all()


def lessons_with_hands() -> Sequence[str]:
    """Name the lessons in which hands are up."""
    return db.session.scalars(select(Hand.live_id).distinct()).all()
