"""Errors of cuts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.errors import Conflict, NotFound


class NothingToCut(Conflict):
    """The times cannot be read, or name no stretch of the recording."""

    code = "cuts.nothing"
    message = _l("These times name no stretch of the recording.")
    mend = _l("Write them as 0:12:30. The end comes after the beginning, and within the recording.")


class NothingLeft(Conflict):
    """The cut would leave nothing."""

    code = "cuts.nothing_left"
    message = _l("Nothing of the recording would be left.")
    mend = _l("Keep at least some seconds. To hide all of it, take it back from its audience.")


class NoSuchCut(NotFound):
    """There is no such cut any more."""

    code = "cuts.none_such"
    message = _l("This cut was taken back already.")
    mend = _l("Load the page again.")
