"""Diagnostics beside a question: the browser's, which the form shows first, and the server's about the lesson."""

from __future__ import annotations

import re

from app.accounts.models import User
from app.classroom.engine.presence import queries as people
from app.classroom.studio import diagnostics
from app.kernel.errors import AppError
from app.kernel.text import storable
from app.live import queries as lives
from app.live.models import LiveSession
from app.live.policies import May, permissions_of
from app.support.tickets.models import LONGEST_FACTS

LESSON = re.compile(r"/live/([0-9a-z]{8,16})(?:/|\Z)")


def lesson_of(page: str, viewer: User | None) -> LiveSession | None:
    """Return the lesson of a page, if the reader of the page may watch it."""
    found = LESSON.match(page)
    if found is None:
        return None
    try:
        return lives.live_for(viewer, found[1], May.WATCH)
    except AppError:
        return None


def put_together(said: str, live: LiveSession | None, viewer: User | None) -> str:
    """Return the browser's lines, and behind them the server's if the lesson's people ask."""
    lines = storable(said)[:LONGEST_FACTS].splitlines()
    if live is not None and May.ASSIST in permissions_of(viewer, live):
        lines += ["", "server:", *diagnostics.lines_of(live, people.counts(live.id).total)]
    return "\n".join(lines)[: 2 * LONGEST_FACTS]
