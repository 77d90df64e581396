"""View models of notices."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from app.notices.models import Notice


@dataclass(frozen=True)
class InvitationView:
    """An invitation and its progress."""

    id: str
    by: str
    whom: str
    words: str
    created_ms: int
    total: int
    written: int
    done: bool

    @property
    def percent(self) -> int:
        """Percentage of its mails that are written."""
        return 100 if self.done else min(99, 100 * self.written // max(1, self.total))


def invitation_view(notice: Notice) -> InvitationView:
    """Return the view of an invitation."""
    count = len(notice.unit_ids)
    return InvitationView(
        id=notice.id,
        by=notice.by.real_name,
        whom=ngettext("%(num)d unit", "%(num)d units", count) if count else str(_("Whole audience")),
        words=notice.words,
        created_ms=notice.created_ms,
        total=notice.total,
        written=notice.written,
        done=notice.done_ms is not None,
    )
