"""What people keep of replays, for tests."""

from __future__ import annotations

from app.accounts.models import User
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.live.models import LiveSession
from app.replays.notebook.models import Note


def note(live: LiveSession, user: User, text: str = "记一笔") -> Note:
    """Return a new note of somebody, at the beginning of a lesson."""
    with unit_of_work():
        made = Note(live_id=live.id, user_id=user.id, at_ms=live.started_at_ms or 0, text=text)
        db.session.add(made)
    return made
