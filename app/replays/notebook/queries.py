"""Reading what one person keeps of a replay."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.accounts.models import User
from app.extensions import db
from app.live.models import LiveSession
from app.replays.notebook.errors import NoSuchNote
from app.replays.notebook.models import Note, Place


def left_at_ms(live: LiveSession, user: User | None) -> int | None:
    """Return the moment (capture clock, epoch ms) at which somebody left a replay; `None` where she has not been."""
    place = db.session.get(Place, (live.id, user.id)) if user else None
    return place.at_ms if place else None


def notes_of(live: LiveSession, user: User) -> Sequence[Note]:
    """Return somebody's notes about a lesson, in the order of the lesson."""
    wanted = select(Note).where(Note.live_id == live.id, Note.user_id == user.id, Note.gone_ms.is_(None))
    return db.session.scalars(wanted.order_by(Note.at_ms, Note.id)).all()


def note_for(live: LiveSession, user: User, note_id: int) -> Note:
    """Return one of somebody's own notes, a deleted one too.

    Raises:
        NoSuchNote: it is not hers.
    """
    note = db.session.get(Note, note_id)
    if note is None or (note.live_id, note.user_id) != (live.id, user.id):
        raise NoSuchNote
    return note
