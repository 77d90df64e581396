"""Refusals to encoders and to stale workers. Encoders' users read English everywhere, so these are not translated."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.errors import AppError, Conflict, Gone, NotFound
from app.media.models import Sending
from media_worker.contract import Refusal, RefusalCode


class MediaRefusal(AppError):
    """A refusal in the words of the contract."""

    def __init__(self, code: RefusalCode, reason: str, *, status: int = 403) -> None:
        self.refusal = Refusal(code, reason)
        self.status = status
        super().__init__(reason)


class AddressExpired(AppError):
    """The signed address is too old or was tampered with."""

    status = 403
    code = "media.address_expired"
    message = _l("This address has expired.")
    mend = _l("Reload the page of the lesson.")


class SegmentGone(NotFound):
    """There is no such segment or playlist (yet)."""

    code = "media.gone"


class StreamOver(Gone):
    """The stream has ended, so nobody can send into it."""

    code = "media.over"
    message = _l("This lesson is over.")


class SomebodySends(Conflict):
    """Another tab, person or encoder feeds the stream."""

    code = "media.somebody_sends"
    message = _l("Somebody is sending already.")
    mend = _l("Take over, or leave it to them.")

    def __init__(self, sending: Sending) -> None:
        self.sending = sending
        super().__init__()


class NoSender(AppError):
    """A page that wants to send must give itself a name."""

    status = 422
    code = "media.no_sender"
    message = _l("This page does not say which tab it is.")
    mend = _l("Reload the page.")
