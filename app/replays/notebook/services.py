"""A person's place in a replay and her notes are kept here."""

from __future__ import annotations

from sqlalchemy import delete, func, select

from app.accounts.models import User
from app.extensions import db
from app.kernel import clock
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.models import LiveSession
from app.replays.notebook.errors import NoWords, TooManyNotes
from app.replays.notebook.models import LONGEST_NOTE, Note, Place

MOST_NOTES = 1000
"""Maximum number of notes of one person about one lesson: more than one a minute through a long day."""
UNDOABLE_MS = 86_400_000
"""Time after which a deleted note is gone for good."""


def leave(live: LiveSession, at_ms: int, *, by: User) -> None:
    """Remember the moment (capture clock, epoch ms) at which somebody is; one outside of the lesson is the nearest."""
    at_ms = _within(live, at_ms)
    with unit_of_work():
        place = db.session.get(Place, (live.id, by.id), with_for_update=True)
        if place is None:
            place = Place(live_id=live.id, user_id=by.id)
            db.session.add(place)
        place.at_ms, place.changed_ms = at_ms, clock.now_ms()


def forget_place(live: LiveSession, *, by: User) -> None:
    """Begin the replay anew, the next time as well."""
    with unit_of_work():
        db.session.execute(delete(Place).where(Place.live_id == live.id, Place.user_id == by.id))


def write(live: LiveSession, at_ms: int, text: str, *, by: User) -> Note:
    """Write a note at a moment.

    Raises:
        NoWords, TooManyNotes: it cannot be written.
    """
    text = _checked(text)
    with unit_of_work():
        its = (Note.live_id == live.id, Note.user_id == by.id)
        too_late = clock.now_ms() - UNDOABLE_MS
        db.session.execute(delete(Note).where(*its, Note.gone_ms < too_late))
        if (db.session.scalar(select(func.count()).select_from(Note).where(*its)) or 0) >= MOST_NOTES:
            raise TooManyNotes
        note = Note(live_id=live.id, user_id=by.id, at_ms=_within(live, at_ms), text=text)
        db.session.add(note)
    return note


def rewrite(note: Note, text: str) -> None:
    """Change the words of a note.

    Raises:
        NoWords: there are none.
    """
    text = _checked(text)
    with unit_of_work():
        lock(note)
        note.text, note.changed_ms = text, clock.now_ms()


def remove(note: Note) -> None:
    """Delete a note; for a day this can be undone."""
    with unit_of_work():
        lock(note)
        note.gone_ms = note.gone_ms or clock.now_ms()


def restore(note: Note) -> None:
    """Undo the deletion of a note."""
    with unit_of_work():
        lock(note)
        note.gone_ms = None


def _checked(text: str) -> str:
    text = "\n".join(text.strip().splitlines())
    if not 0 < len(text) <= LONGEST_NOTE:
        raise NoWords
    return text


def _within(live: LiveSession, at_ms: int) -> int:
    return min(max(at_ms, live.started_at_ms or 0), live.ended_at_ms or 0)
