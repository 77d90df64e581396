"""Why something is not written."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.kernel.errors import AppError, Conflict, Forbidden, NotFound


class Empty(AppError):
    """Nothing to write."""

    code = "chat.empty"
    message = _l("There is nothing to send yet.")
    mend = _l("Write something first.")


class TooLong(AppError):
    """More than a message holds."""

    code = "chat.too_long"

    def __init__(self, length: int, most: int) -> None:
        """Name the maximum and the length of the text, both in characters."""
        super().__init__(
            _("A message has %(most)s characters at most; this one has %(length)s.", most=most, length=length),
            _("Shorten it, or send it in two parts."),
        )


class Muted(Forbidden):
    """This person, or everybody, may not write."""

    code = "chat.muted"
    message = _l("Writing is switched off for you.")
    mend = _l("Raise your hand if you want to say something.")


class AllMuted(Forbidden):
    """全员禁言."""

    code = "chat.all_muted"
    message = _l("Writing is switched off for everybody.")
    mend = _l("You can still write to the teachers, or raise your hand.")


class GuestsReadOnly(Forbidden):
    """People without an account may only read in this room."""

    code = "chat.guests_read_only"
    message = _l("Guests read along here.")
    mend = _l("Sign in to write.")


class TooSoon(AppError):
    """Slow mode."""

    status = 429
    code = "chat.too_soon"

    def __init__(self, wait_s: int) -> None:
        """Name the wait in seconds."""
        super().__init__(_("Everybody writes a little slower here."), _("You can send again in %(s)s s.", s=wait_s))


class WordRefused(AppError):
    """The lesson's list of words holds one of it."""

    code = "chat.word_refused"

    def __init__(self, word: str) -> None:
        """Name the word: a guess would not help anybody."""
        super().__init__(_("“%(word)s” cannot be written in this lesson.", word=word), _("Say it in other words."))


class TooLate(Conflict):
    """Two minutes are over."""

    code = "chat.too_late"
    message = _l("A message can be changed or withdrawn for two minutes.")
    mend = _l("Ask a teacher or an assistant to delete it.")


class NoMessage(NotFound):
    """The message is gone."""

    code = "chat.no_message"
    message = _l("This message is not there any more.")
    mend = _l("Somebody has withdrawn or deleted it.")


class Whispered(Conflict):
    """A 悄悄话 is not for all to read."""

    code = "chat.whispered"
    message = _l("This message was written to the teachers only.")
    mend = _l("Answer it with a message to everybody, and pin that.")


class ChatClosed(Conflict):
    """The lesson is over."""

    code = "chat.closed"
    message = _l("The lesson is over; nothing is written any more.")
    mend = _l("Its messages stay in the replay.")


class NoPictures(Conflict):
    """The lesson's rules do not allow pictures."""

    code = "chat.no_pictures"
    message = _l("No pictures can be sent in this lesson.")
    mend = _l("Describe it in words, or ask the teacher to allow pictures.")
