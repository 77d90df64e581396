"""Answers on their way into the database: those that arrive together are judged and written together.

An audience answers within a few seconds. Each answer alone would load the person and the lesson anew and wait for its
own turn to write; here whoever has the turn does so for all that wait, then gives it to the first of those who have
come meanwhile. An answer is acknowledged when it is on the disk.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from flask import current_app
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from app.classroom.engine import door
from app.classroom.engine.seats import Seat
from app.classroom.polls import errors
from app.classroom.polls.models import LONGEST_ANSWER, Kind, Poll, PollState, Vote, mask_of
from app.extensions import db
from app.kernel.errors import AppError
from app.kernel.text import plain_text
from app.kernel.unit_of_work import unit_of_work

AT_A_TIME = 500
GATHER_S = 0.05
"""Time for which the answer that has the turn waits for more, where several come at once."""

CROWD_S = 0.5
"""Time after a written answer within which more are expected. A waiting answer cannot see them: where greenlets share
a thread, and SQLite writes in it, none arrives while another is written."""


@dataclass(frozen=True)
class Ballot:
    """An answer on its way."""

    seat: Seat
    poll_id: int
    chosen: tuple[int, ...]
    text: str
    at_ms: int
    is_judged: bool = False
    """The person is known to be allowed to answer."""


class Unknown(Exception):
    """The batch check could not decide: check this person on her own."""


class _Slip:
    """A ballot that waits, and what becomes of it."""

    __slots__ = ("ballot", "failure", "is_done", "row", "wake")

    def __init__(self, ballot: Ballot) -> None:
        self.ballot = ballot
        self.row: dict[str, Any] = {}
        self.failure: Exception | None = None
        self.is_done = False
        self.wake = threading.Event()
        """Set when it is done, or has the turn."""


class BallotBox:
    """Queue for the answers of this process."""

    def __init__(self) -> None:
        """Make an empty box."""
        self._waiting: deque[_Slip] = deque()
        self._lock = threading.Lock()
        self._is_at_work = False
        self._wrote_at = -CROWD_S

    def cast(self, ballot: Ballot) -> Vote:
        """Have an answer written, and give it as it is kept; the last one of each person counts.

        Raises:
            Unknown: it is not judged, and this person is not plainly one of the audience.
            NoPoll, Closed: there was nothing to answer when it arrived.
            NothingChosen, NoSuchAnswer, AnswerTooLong: this cannot be an answer.
        """
        db.session.commit()  # whoever waits holds no connection: the one who writes needs it
        slip = _Slip(ballot)
        with self._lock:
            self._waiting.append(slip)
            is_alone, self._is_at_work = not self._is_at_work, True
        if not is_alone:
            slip.wake.wait()
        if not slip.is_done:
            if not is_alone or time.monotonic() - self._wrote_at < CROWD_S:
                time.sleep(GATHER_S)
            self._take_turn()
        if slip.failure is not None:
            raise slip.failure
        return Vote(**slip.row)

    def _take_turn(self) -> None:
        """Write the first of those who wait, the one whose turn it is among them, and give the turn on."""
        with self._lock:
            slips = [self._waiting.popleft() for _ in range(min(AT_A_TIME, len(self._waiting)))]
        try:
            _write(slips)
        except Exception as failure:  # noqa: BLE001 - each of those who wait raises it
            for slip in slips:
                slip.failure = failure
        finally:
            self._wrote_at = time.monotonic()
            with self._lock:
                following = self._waiting[0] if self._waiting else None
                self._is_at_work = following is not None
            if following is not None:
                following.wake.set()
            for slip in slips:
                slip.is_done = True
                slip.wake.set()


def box() -> BallotBox:
    """Return the box of this process."""
    return cast(BallotBox, current_app.extensions["ballots"])


def _write(slips: Sequence[_Slip]) -> None:
    """Write what can be written, and say of the others why not.

    The polls are held as they are until the commit: whoever closes one waits for it, and counts what was written.
    """
    with unit_of_work():
        wanted = select(Poll).where(Poll.id.in_({slip.ballot.poll_id for slip in slips})).with_for_update(read=True)
        polls = {poll.id: poll for poll in db.session.scalars(wanted)}
        plain = _plainly_there([slip.ballot.seat for slip in slips if not slip.ballot.is_judged])
        for slip in slips:
            try:
                slip.row = _row(slip.ballot, polls, plain)
            except (AppError, Unknown) as failure:
                slip.failure = failure
        last = {(slip.row["poll_id"], slip.row["key"]): slip.row for slip in slips if slip.row}
        if last:
            insert = (postgresql if db.engine.dialect.name == "postgresql" else sqlite).insert(Vote)
            again = {name: insert.excluded[name] for name in ("name", "chosen", "text", "at_ms")}
            upsert = insert.on_conflict_do_update(index_elements=["poll_id", "key"], set_=again)
            db.session.execute(upsert, [last[who] for who in sorted(last)])


def _plainly_there(seats: Sequence[Seat]) -> frozenset[Seat]:
    rooms: defaultdict[str, list[Seat]] = defaultdict(list)
    for seat in seats:
        rooms[seat.live_id].append(seat)
    return frozenset(seat for live_id, its in rooms.items() for seat in door.plainly_there(live_id, its))


def _row(ballot: Ballot, polls: Mapping[int, Poll], plain: frozenset[Seat]) -> dict[str, Any]:
    seat = ballot.seat
    if not ballot.is_judged and seat not in plain:
        raise Unknown
    poll = polls.get(ballot.poll_id)
    if poll is None or poll.live_id != seat.live_id or poll.state is PollState.PREPARED:
        raise errors.NoPoll
    if poll.state is not PollState.OPEN or (poll.closes_ms is not None and ballot.at_ms >= poll.closes_ms):
        raise errors.Closed
    mask, words = _answered(poll, ballot)
    return {
        "poll_id": poll.id,
        "key": seat.person.key,
        "user_id": seat.person.user_id,
        "name": seat.person.name[:80],
        "chosen": mask,
        "text": words,
        "at_ms": ballot.at_ms,
    }


def _answered(poll: Poll, ballot: Ballot) -> tuple[int, str]:
    """Return an answer as it is kept: what was chosen, or written."""
    if poll.kind is Kind.TEXT:
        words = plain_text(ballot.text) or ""
        if not words:
            raise errors.NothingChosen
        if len(words) > LONGEST_ANSWER:
            raise errors.AnswerTooLong(len(words), LONGEST_ANSWER)
        return 0, words
    chosen = set(ballot.chosen)
    if not chosen:
        raise errors.NothingChosen
    if not chosen <= set(range(1, poll.choosable + 1)) or (len(chosen) > 1 and poll.kind is not Kind.MULTIPLE):
        raise errors.NoSuchAnswer
    return mask_of(chosen), ""
