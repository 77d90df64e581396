"""Errors of editing chapters."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.errors import AppError, Conflict, NotFound


class NoSuchChapter(NotFound):
    """Another presenter has merged the chapter, or it never existed."""

    code = "replays.no_such_chapter"
    message = _l("This chapter is not there any more.")
    mend = _l("Reload the page: somebody else may have changed the chapters.")


class FirstChapter(Conflict):
    """There is no chapter before the first."""

    code = "replays.first_chapter"
    message = _l("This is the first chapter: there is none before it.")
    mend = _l("Hide it, or merge the next one into it.")


class OutsideTheLesson(AppError):
    """A chapter begins within the lesson."""

    code = "replays.outside_the_lesson"
    message = _l("A chapter begins between the beginning and the end of the lesson.")
    mend = _l("Go to a moment of the recording, then add the chapter.")


class NoTitle(AppError):
    """A chapter of one's own needs a name."""

    code = "replays.no_title"
    message = _l("The chapter has no name.")
    mend = _l("Write a name of at most 120 characters.")
