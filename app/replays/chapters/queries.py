"""Reading what was done to chapters."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.extensions import db
from app.replays.chapters.models import ChapterEdit


def edits_of(live_id: str) -> Sequence[ChapterEdit]:
    """Return what was done to a lesson's chapters, in order."""
    wanted = select(ChapterEdit).where(ChapterEdit.live_id == live_id).order_by(ChapterEdit.id)
    return db.session.scalars(wanted).all()
