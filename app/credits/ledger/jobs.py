"""Closing lessons in the jobs process."""

from __future__ import annotations

from functools import partial

from app.credits.ledger import closing
from app.kernel import clock
from app.kernel.queue import Job
from app.kernel.unit_of_work import unit_of_work


def _close(live_id: str) -> None:
    """Close a lesson; what a killed process has left is queued again a minute later."""
    closing.close(live_id)


close = Job(_close)


def close_due() -> None:
    """Queue the closing of lessons that are over. Called by the clockwork every second."""
    _queue(list(closing.due(clock.now_ms())))


def close_replayed() -> None:
    """Queue the closing of what was watched in replays. Called by the clockwork every hour."""
    _queue(list(closing.replayed(clock.now_ms())))


def _queue(live_ids: list[str]) -> None:
    if not live_ids:
        return
    with unit_of_work() as after_commit:
        for live_id in closing.mark_asked(live_ids, clock.now_ms()):
            after_commit(partial(close.later, live_id))
