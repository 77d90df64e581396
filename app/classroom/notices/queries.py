"""Reading what was announced."""

from __future__ import annotations

from collections.abc import Sequence

from app.classroom.engine.words import standing
from app.classroom.notices.models import Notice
from app.extensions import db


def newest(live_id: str) -> Notice | None:
    """Return the newest notice that still holds words."""
    wanted = standing(Notice, live_id)
    return db.session.scalars(wanted.order_by(Notice.id.desc()).limit(1)).first()


def between(live_id: str, after: int, before: int | None) -> Sequence[Notice]:
    """Return the notices after an event, and before another one where that is named, in order."""
    wanted = standing(Notice, live_id).where(Notice.id > after)
    if before is not None:
        wanted = wanted.where(Notice.id < before)
    return db.session.scalars(wanted.order_by(Notice.id)).all()
