"""Errors of courseware."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.errors import Conflict, NotFound


class NotOver(Conflict):
    """A course is made of a lesson that is over."""

    code = "courseware.not_over"
    message = _l("The lesson is not over yet.")
    mend = _l("Export it after its end.")


class NothingToEmbed(NotFound):
    """The address leads to no replay that everybody may watch. Other sites learn no more."""

    code = "courseware.nothing_to_embed"
    message = _l("There is no replay at this address that everybody may watch.")
    mend = _l("Ask for the address of a replay that is open to everybody.")


class NothingRecorded(Conflict):
    """There is nothing to make a course of."""

    code = "courseware.nothing_recorded"
    message = _l("Nothing was recorded in this lesson.")
    mend = _l("Only lessons with a recording become courseware.")


class NoSuchExport(NotFound):
    """The export was swept away, or never existed."""

    code = "courseware.no_such_export"
    message = _l("This export is not there any more.")
    mend = _l("Export the course again; finished packages are kept for some days only.")
