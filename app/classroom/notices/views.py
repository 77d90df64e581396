"""View model of a notice's fragment."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from app.classroom.notices.models import Notice
from app.kernel.markdown import as_lines


@dataclass(frozen=True)
class NoticeView:
    """One notice. `id` is its place among the messages."""

    id: int
    at_ms: int
    by_name: str
    html: Markup
    kind: str = "notice"


def notice_view(notice: Notice) -> NoticeView:
    """Show a notice."""
    return NoticeView(notice.id, notice.at_ms, notice.by_name, as_lines(notice.text))
