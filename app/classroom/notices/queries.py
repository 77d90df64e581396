"""Reading what was announced."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select

from app.classroom.notices.models import Notice
from app.extensions import db


def newest(live_id: str) -> Notice | None:
    """Return the newest notice that still holds words."""
    wanted = select(Notice).where(Notice.live_id == live_id, Notice.gone_ms.is_(None))
    return db.session.scalars(wanted.order_by(Notice.id.desc()).limit(1)).first()


def between(live_id: str, after: int, before: int | None) -> Sequence[Notice]:
    """Return the notices after an event, and before another one where that is named, in order."""
    wanted = select(Notice).where(Notice.live_id == live_id, Notice.gone_ms.is_(None), Notice.id > after)
    if before is not None:
        wanted = wanted.where(Notice.id < before)
    return db.session.scalars(wanted.order_by(Notice.id)).all()


def by_ids(live_id: str, ids: Collection[int]) -> dict[int, Notice]:
    """Return those notices that still hold words."""
    wanted = select(Notice).where(Notice.live_id == live_id, Notice.id.in_(ids), Notice.gone_ms.is_(None))
    return {notice.id: notice for notice in db.session.scalars(wanted)}
