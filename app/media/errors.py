"""Refusals to encoders and to stale workers. Encoders' users read English everywhere, so these are not translated."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.errors import AppError, NotFound
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
    mend = _l("Reload the page of the session.")


class SegmentGone(NotFound):
    """There is no such segment or playlist (yet)."""

    code = "media.gone"
