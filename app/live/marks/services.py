"""Marking lessons, and reading the marks."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from flask import Flask, current_app
from sqlalchemy import select, update

from app.accounts.models import User
from app.extensions import db
from app.kernel import clock, web
from app.kernel.unit_of_work import lock, unit_of_work
from app.live import learners
from app.live.errors import NoAddress, TooLateToRemind
from app.live.lifecycle import LiveState, refuse_over
from app.live.models import Learner, LiveSession

LATEST_MS = 5 * 60_000
"""A reminder of a lesson that begins sooner would come with the lesson itself."""


@dataclass(frozen=True)
class Marks:
    """The marks of one person on one lesson."""

    live_id: str
    kept: bool
    """收藏: it stands among the lessons that she has kept."""
    reminder: str
    """"on": a reminder comes before it begins. "off": she may ask for one. Empty: there is nothing to ask for."""


Reaches = Callable[[User], bool]
"""Function that returns whether reminders come to a person by another way than mail."""


def reach_also(app: Flask, reaches: Reaches) -> None:
    """Name a function that knows another way to a person than mail. The room of that way calls this."""
    app.extensions.setdefault("ways_of_reminders", []).append(reaches)


def keep(live: LiveSession, user: User) -> None:
    """收藏: put a lesson among those that a person has kept."""
    with unit_of_work():
        lock(live)
        row = learners.row_of(live, user)
        row.kept_ms = row.kept_ms or clock.now_ms()


def drop(live: LiveSession, user: User) -> None:
    """Take a lesson from those that a person has kept."""
    with unit_of_work():
        known = learners.learner_of(live, user)
        if known is not None:
            known.kept_ms = None


def remind(live: LiveSession, user: User) -> None:
    """提醒我: let a reminder come before a lesson begins, by mail or by any other way that reaches the person.

    This is asked of one lesson, so it counts although she wants no reminders in general.

    Raises:
        AlreadyEnded, Cancelled: the lesson is over.
        TooLateToRemind: it begins in less than LATEST_MS, or has begun.
        NoAddress: her account has no e-mail address, and no other way reaches her.
    """
    with unit_of_work():
        lock(live)
        refuse_over(live.state)
        if not _is_in_time(live):
            raise TooLateToRemind
        if not user.email and not any(reaches(user) for reaches in current_app.extensions["ways_of_reminders"]):
            raise NoAddress
        row = learners.row_of(live, user)
        if row.remind_ms is None:
            row.remind_ms, row.reminded_ms = clock.now_ms(), None
        row.language, row.site = web.language(), web.root()[:200]


def let_go(live: LiveSession, user: User) -> None:
    """Take a wish for a reminder back."""
    with unit_of_work():
        known = learners.learner_of(live, user)
        if known is not None:
            known.remind_ms = None


def let_go_all(user: User) -> None:
    """Take all wishes of a person for reminders back."""
    with unit_of_work():
        db.session.execute(update(Learner).where(Learner.user_id == user.id).values(remind_ms=None))


def of(lives: Collection[LiveSession], user: User | None) -> dict[str, Marks]:
    """Return the marks of a person on some lessons by their ids, with one query. A visitor has none."""
    if user is None or not lives:
        return {}
    mine = (Learner.user_id == user.id, Learner.live_id.in_([live.id for live in lives]))
    rows = {one.live_id: one for one in db.session.scalars(select(Learner).where(*mine))}
    markable = [live for live in lives if not (live.draft or live.rehearses_id)]
    return {live.id: _marks(live, rows.get(live.id)) for live in markable}


def _marks(live: LiveSession, row: Learner | None) -> Marks:
    comes_anyway = row is not None and row.signed_up_ms is not None
    reminder = ""
    if live.state is LiveState.SCHEDULED and not comes_anyway and _is_in_time(live):
        reminder = "on" if row is not None and row.remind_ms is not None else "off"
    return Marks(live.id, row is not None and row.kept_ms is not None, reminder)


def _is_in_time(live: LiveSession) -> bool:
    return live.state is LiveState.SCHEDULED and live.starts_at_ms - clock.now_ms() > LATEST_MS
