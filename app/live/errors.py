"""Errors of a session's plan. Codes are those of the service that this one replaces."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.kernel.errors import AppError, Conflict, Forbidden, Gone, NotFound
from app.live.models import LiveSession, Part


class SubjectExists(Conflict):
    """Another session has the subject; the next free one is offered."""

    code = "subject exists"

    def __init__(self, offered: str) -> None:
        self.offered = offered
        super().__init__(
            _("Another lesson has this subject (subject exists)."), _("“%(offered)s” is free.", offered=offered)
        )


class TooLateToRemind(Conflict):
    """A mail would come with the lesson itself."""

    code = "live.too_late_to_remind"
    message = _l("This lesson begins at once: a reminder would come too late.")
    mend = _l("Open the waiting room. The picture appears there by itself.")


class NoAddress(Conflict):
    """A reminder would go to nobody."""

    code = "live.no_address"
    message = _l("Your account has no e-mail address, and none of your browsers shows reminders: none would reach you.")
    mend = _l("Under “My account”, enter an address or switch reminders on for this browser.")


class TooEarly(Conflict):
    """A lesson opens half an hour before its start."""

    code = "live.too_early"
    message = _l("This lesson can be started from 30 minutes before its beginning.")
    mend = _l("Wait until then, or change when it begins.")


class TimeOver(Conflict):
    """The time of a lesson has passed without it."""

    code = "live.time_over"
    message = _l("The time of this lesson is over.")
    mend = _l("Change when it ends, then start it.")


class StillADraft(Conflict):
    """A draft, which nobody sees, cannot begin."""

    code = "live.still_a_draft"
    message = _l("This lesson is a draft: nobody could watch it.")
    mend = _l("Press “Publish and start”.")


class NotWhileRunning(Conflict):
    """A session that has begun is not planned any more."""

    code = "live.not_while_running"
    message = _l("This lesson has begun: only its end and what it is about can still be changed.")


class NotDeletable(Conflict):
    """A session that has begun is not deleted."""

    code = "live.not_deletable"
    message = _l("A lesson that has begun cannot be deleted.")
    mend = _l("End it in the studio.")


class NotPublished(Forbidden):
    """The lesson may be seen, and its recording not."""

    code = "live.not_published"
    message = _l("The recording of this lesson is not open to you.")
    mend = _l("Ask the teacher whether and for whom it is going to be published.")


def name_of(part: Part) -> str:
    """Name a part's token."""
    return str(
        {Part.TEACHER: _("Teacher token"), Part.ASSISTANT: _("Assistant token"), Part.LEARNER: _("Learner web token")}[
            part
        ]
    )


class NotForYou(NotFound):
    """There is no such session, or it is for others: which of the two it is one does not learn."""

    code = "live.not_for_you"
    message = _l("There is no lesson here that is open to you.")
    mend = _l("Check the address. If the teacher gave you a token, enter it.")
    way_out = (_l("Enter a token"), "joining.token")


class TokenMalformed(AppError):
    """A token has other signs, or too many or too few."""

    code = "live.token_malformed"

    def __init__(self, part: Part) -> None:
        self.part = part
        super().__init__(_("A token has 6 to 15 letters or digits, or is left empty."))


class TokenWeak(TokenMalformed):
    """A token is among the first that a stranger would try."""

    code = "live.token_weak"

    def __init__(self, part: Part) -> None:
        super().__init__(part)
        self.message = _("This is too easy to guess.")
        self.mend = _("Mix letters and digits that make no word, or leave it empty.")


class OfAnotherUnit(Conflict):
    """The token opens a lesson of another unit than the person's own: it may be a slip, and its owner will be told."""

    code = "live.of_another_unit"
    message = _l("This token belongs to a lesson of another unit.")
    mend = _l("Look at it once more, then confirm.")

    def __init__(self, live: LiveSession, part: Part) -> None:
        self.live, self.part = live, part
        super().__init__()


class TokenTaken(Conflict):
    """Two tokens are the same; a fresh one is offered."""

    code = "same token value found"

    def __init__(self, part: Part, offered: str, *, other: Part | None = None) -> None:
        self.part, self.offered = part, offered
        super().__init__(
            _("This is the %(other)s as well (same token value found).", other=name_of(other))
            if other
            else _("Another open lesson has this token (same token value found)."),
            _("“%(offered)s” is free.", offered=offered),
        )


class TokenUnknown(NotFound):
    """No open session has the token that was entered."""

    code = "live.token_unknown"
    message = _l("No open lesson has this token.")
    mend = _l("Check it letter by letter, or ask the teacher: tokens change, and end with the lesson.")


class GuestLinkDead(Gone):
    """The link of a QR code was switched off, reissued, or never was one."""

    code = "live.guest_link_dead"
    message = _l("This guest link does not work any more.")
    mend = _l("Ask the teacher for the newest QR code, or sign in with your account.")
    way_out = (_l("Sign in"), "accounts.sign_in")


class Full(Conflict):
    """Every place is taken."""

    code = "live.full"
    message = _l("All places of this lesson are taken.")
    mend = _l("Look in again: a place is free as soon as somebody gives hers up.")


class NotRecordable(Conflict):
    """The plan says that nothing is kept."""

    code = "live.not_recordable"
    message = _l("This lesson is planned without recording.")
    mend = _l("Change its plan before it begins.")


class NotCancellable(Conflict):
    """A session that has begun is ended, not called off."""

    code = "live.not_cancellable"
    message = _l("A lesson that has begun cannot be cancelled.")
    mend = _l("End it in the studio.")
