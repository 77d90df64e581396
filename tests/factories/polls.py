"""Polls for tests."""

from __future__ import annotations

from app.classroom.polls import drafts, services
from app.classroom.polls.models import Kind, Poll
from app.live.models import LiveSession

COLOURS = ("红", "黄", "蓝")


def prepared(
    live: LiveSession,
    question: str = "哪一种颜色的能量最高？",
    *,
    kind: Kind = Kind.SINGLE,
    options: tuple[str, ...] = COLOURS,
    right: tuple[int, ...] = (),
    countdown_s: int = 0,
) -> Poll:
    """Return a new poll that is not open yet."""
    return services.make(live, drafts.judged(kind, question, options, right, countdown_s), by=live.owner)


def opened(live: LiveSession, question: str = "哪一种颜色的能量最高？", **how: object) -> Poll:
    """Return a new open poll."""
    poll = prepared(live, question, **how)  # type: ignore[arg-type]
    services.open_poll(live, poll.id, by=live.owner)
    return poll
