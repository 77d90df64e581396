"""Errors of notes."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.errors import AppError, Conflict, NotFound


class NoSuchNote(NotFound):
    """The note belongs to another person, or is gone for good."""

    code = "replays.no_such_note"
    message = _l("This note is not there any more.")
    mend = _l("Reload the page: you may have deleted it on another device.")


class NoWords(AppError):
    """A note holds something."""

    code = "replays.note_without_words"
    message = _l("The note holds no words, or more than 4,000 characters.")
    mend = _l("Write something shorter; one moment may have several notes.")


class TooManyNotes(Conflict):
    """The person has written the maximum number of notes about the lesson."""

    code = "replays.too_many_notes"
    message = _l("You have written very many notes about this lesson.")
    mend = _l("Save them as text, then delete some.")
