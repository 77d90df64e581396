"""Reasons why a recording stays."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.errors import Conflict


class StillNeeded(Conflict):
    """Something still belongs to the recording; `mend` says what."""

    code = "keeping.still_needed"
    message = _l("This recording cannot be deleted yet.")


class BeingClosed(Conflict):
    """The lesson runs, or its recording is being closed."""

    code = "keeping.being_closed"
    message = _l("This recording is still being written.")
    mend = _l("Try again when the lesson is over and its recording is closed.")
