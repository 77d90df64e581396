"""Reading polls and counting answers: always from the rows, so that the numbers are exact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select

from app.classroom.polls.models import Poll, PollState, Vote, numbers_of
from app.extensions import db

SHOWN_TO_LEARNERS = (PollState.OPEN, PollState.CLOSED, PollState.PUBLISHED)


@dataclass(frozen=True)
class Count:
    """The answers to one poll in numbers."""

    total: int = 0
    """People who have answered."""
    by_number: Counter[int] = field(default_factory=Counter)
    """Number of them who have chosen each option or star, by its number from 1."""
    last_ms: int = 0
    """Moment of the newest answer, epoch ms. 0 means that there is none."""


def polls_of(live_id: str) -> Sequence[Poll]:
    """Return the polls of a lesson in their order."""
    return db.session.scalars(select(Poll).where(Poll.live_id == live_id).order_by(Poll.position, Poll.id)).all()


def by_ids(live_id: str, ids: Collection[int]) -> dict[int, Poll]:
    """Return those of a lesson's polls that are still there."""
    wanted = select(Poll).where(Poll.live_id == live_id, Poll.id.in_(ids))
    return {poll.id: poll for poll in db.session.scalars(wanted)}


def poll_for(live_id: str, poll_id: int) -> Poll | None:
    """Find one of a lesson's polls."""
    return by_ids(live_id, [poll_id]).get(poll_id)


def open_in(live_ids: Collection[str]) -> Sequence[Poll]:
    """Return the polls of some lessons that are being answered."""
    return db.session.scalars(select(Poll).where(Poll.live_id.in_(live_ids), Poll.state == PollState.OPEN)).all()


def counting_down() -> Sequence[int]:
    """Name the polls that are open and have a countdown."""
    return db.session.scalars(select(Poll.id).where(Poll.state == PollState.OPEN, Poll.closes_ms.is_not(None))).all()


def counts_of(poll_ids: Collection[int]) -> dict[int, Count]:
    """Count the answers to some polls."""
    rows = db.session.execute(
        select(Vote.poll_id, Vote.chosen, func.count(), func.max(Vote.at_ms))
        .where(Vote.poll_id.in_(poll_ids))
        .group_by(Vote.poll_id, Vote.chosen)
    )
    totals: Counter[int] = Counter()
    newest: dict[int, int] = {}
    by_number: dict[int, Counter[int]] = {poll_id: Counter() for poll_id in poll_ids}
    for poll_id, chosen, count, last_ms in rows:
        totals[poll_id] += count
        newest[poll_id] = max(newest.get(poll_id, 0), last_ms)
        for number in numbers_of(chosen):
            by_number[poll_id][number] += count
    return {poll_id: Count(totals[poll_id], by_number[poll_id], newest.get(poll_id, 0)) for poll_id in poll_ids}


def newest_texts(poll_id: int, most: int) -> Sequence[Vote]:
    """Return the newest written answers to a poll."""
    wanted = select(Vote).where(Vote.poll_id == poll_id, Vote.text != "")
    return db.session.scalars(wanted.order_by(Vote.at_ms.desc(), Vote.key).limit(most)).all()


def votes_of(live_id: str, key: str) -> dict[int, Vote]:
    """Return what one person has answered in a lesson, by the polls."""
    wanted = select(Vote).join(Poll, Poll.id == Vote.poll_id).where(Poll.live_id == live_id, Vote.key == key)
    return {vote.poll_id: vote for vote in db.session.scalars(wanted)}
