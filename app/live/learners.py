"""The row that ties a person to a lesson in which she has no part."""

from __future__ import annotations

from sqlalchemy import select

from app.accounts.models import User
from app.extensions import db
from app.live.models import Learner, LiveSession


def learner_of(live: LiveSession, user: User) -> Learner | None:
    """Return the row that ties a person to a lesson. `None` means that there is none."""
    return db.session.scalar(select(Learner).where(Learner.live_id == live.id, Learner.user_id == user.id))


def row_of(live: LiveSession, user: User) -> Learner:
    """Return the row that ties a person to a lesson, made if there was none. The lesson is locked."""
    known = learner_of(live, user)
    if known is None:
        known = Learner(live_id=live.id, user=user)
        db.session.add(known)
    return known
