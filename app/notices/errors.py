"""Errors of notices."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.errors import Conflict, Forbidden


class StillADraft(Conflict):
    """The lesson is a draft, which only its presenters see."""

    code = "notices.draft"
    message = _l("This lesson is still a draft, and nobody could open it.")
    mend = _l("Publish it under “Change”, then invite.")


class NobodyToInvite(Conflict):
    """An invitation would go to nobody."""

    code = "notices.nobody"
    message = _l("There is nobody left to invite.")
    mend = _l("They were invited before, want no invitations, or have no e-mail address. Copy the address instead.")


class LinkDead(Forbidden):
    """A link from a mail, or a calendar's address, is forged or was replaced."""

    code = "notices.link_dead"
    message = _l("This link does not work any more.")
    mend = _l("Sign in and look under “My account”, “Mail and calendar”.")
