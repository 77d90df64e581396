"""Answers on their way into the database: those that arrive together are written together.

An audience answers within a few seconds. Each answer alone would wait for its own turn to write; here whoever gets the
turn writes all that wait, and the others find theirs written. An answer is acknowledged when it is on the disk.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import cast

from flask import current_app
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from app.classroom.polls import errors
from app.classroom.polls.models import Poll, PollState, Vote
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work

AT_A_TIME = 500


@dataclass(frozen=True)
class Ballot:
    """One person's answer, judged to be one that can be given."""

    poll_id: int
    key: str
    user_id: int | None
    name: str
    chosen: int
    text: str
    at_ms: int


class _Slip:
    """A ballot that waits, and what becomes of it."""

    __slots__ = ("ballot", "failure", "is_done")

    def __init__(self, ballot: Ballot) -> None:
        self.ballot = ballot
        self.failure: BaseException | None = None
        self.is_done = False


class BallotBox:
    """Where the answers of this process wait."""

    def __init__(self) -> None:
        """Make an empty box."""
        self._waiting: deque[_Slip] = deque()
        self._turn = threading.Lock()

    def cast(self, ballot: Ballot) -> None:
        """Have an answer written; the last one of each person counts.

        Raises:
            Closed: the poll was not open when it arrived.
        """
        db.session.commit()  # whoever waits holds no connection: the one who writes needs it
        slip = _Slip(ballot)
        self._waiting.append(slip)
        with self._turn:
            while not slip.is_done:
                self._write([self._waiting.popleft() for _ in range(min(AT_A_TIME, len(self._waiting)))])
        if slip.failure is not None:
            raise slip.failure

    def _write(self, slips: Sequence[_Slip]) -> None:
        try:
            in_time = _write([slip.ballot for slip in slips])
            for slip in slips:
                slip.failure = None if slip.ballot in in_time else errors.Closed()
        except Exception as failure:  # noqa: BLE001 - each of those who wait raises it
            for slip in slips:
                slip.failure = failure
        finally:
            for slip in slips:
                slip.is_done = True


def box() -> BallotBox:
    """Give the box of this process."""
    return cast(BallotBox, current_app.extensions["ballots"])


def _write(ballots: Sequence[Ballot]) -> frozenset[Ballot]:
    """Write those whose poll is open, and give them.

    The polls are held open until the commit: whoever closes one waits for it, and counts what was written.
    """
    with unit_of_work():
        wanted = select(Poll.id, Poll.closes_ms).where(
            Poll.id.in_({one.poll_id for one in ballots}), Poll.state == PollState.OPEN
        )
        ends = {row.id: row.closes_ms for row in db.session.execute(wanted.with_for_update(read=True))}
        in_time = [one for one in ballots if one.poll_id in ends and _is_before(one.at_ms, ends[one.poll_id])]
        last = {(one.poll_id, one.key): asdict(one) for one in in_time}
        if last:
            insert = (postgresql if db.engine.dialect.name == "postgresql" else sqlite).insert(Vote)
            again = {name: insert.excluded[name] for name in ("name", "chosen", "text", "at_ms")}
            upsert = insert.on_conflict_do_update(index_elements=["poll_id", "key"], set_=again)
            db.session.execute(upsert, [last[who] for who in sorted(last)])
    return frozenset(in_time)


def _is_before(at_ms: int, end_ms: int | None) -> bool:
    return end_ms is None or at_ms < end_ms
