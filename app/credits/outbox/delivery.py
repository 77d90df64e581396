"""Delivery: the jobs process sends what waits, and comes back later to a receiver that does not answer."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Sequence

import requests
from sqlalchemy import delete, func, select

from app.credits.outbox import sending
from app.credits.outbox.models import Delivery, Silence, State
from app.credits.outbox.receivers import Key, Receiver, receivers
from app.credits.outbox.sending import Answer, Away, Outcome
from app.extensions import db
from app.kernel import clock, storage
from app.kernel.locks import alone
from app.kernel.queue import Job
from app.kernel.unit_of_work import unit_of_work

log = logging.getLogger(__name__)

BATCH = 50
"""Maximum number of statements in a request."""

TURN_S = 8
"""Time after which a job makes room for others; the next one goes on."""

AGAIN_AFTER_S = (10, 30, 120, 600, 1800, 7200, 21_600, 43_200, 86_400)
"""Delays between tries, two days in all. Each is shortened by chance by up to a half, so that not all come at once."""

REFUSALS_IN_A_ROW = 3
"""Number of failures in a row after which a receiver counts as out of order."""

KEPT_DAYS = 90


def send_due() -> None:
    """Queue a job for each receiver for which something is due. The clockwork calls it every second."""
    for receiver in receivers():
        if _due(receiver.key, limit=1):
            deliver.later(receiver.key)


def forget_old() -> None:
    """Remove what was written long ago, delivered or not. The clockwork calls it every hour."""
    with unit_of_work():
        db.session.execute(delete(Delivery).where(Delivery.created_ms < clock.now_ms() - KEPT_DAYS * 86_400_000))


def _deliver(key: str) -> None:
    """Send what is due to a receiver, unless another job is at it."""
    receiver = next((one for one in receivers() if one.key == key), None)
    if receiver is None:
        return
    with alone(storage.place("run") / f"deliveries-{receiver.key}.lock") as is_alone:
        if is_alone:
            _Turn(receiver).take()


deliver = Job(_deliver)


def _due(key: Key, *, limit: int = BATCH) -> Sequence[Delivery]:
    """Return the oldest deliveries that are due. There are none while the receiver rests after failures."""
    now = clock.now_ms()
    silent = select(Silence.receiver).where(Silence.receiver == key, Silence.until_ms > now)
    wanted = select(Delivery).where(
        Delivery.receiver == key, Delivery.state == State.WAITING, Delivery.due_ms <= now, ~silent.exists()
    )
    return db.session.scalars(wanted.order_by(Delivery.due_ms, Delivery.id).limit(limit)).all()


class _Turn:
    """A job's time with one receiver."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._until_s = time.monotonic() + TURN_S
        self._refusals = 0

    def take(self) -> None:
        """Send until nothing is due, time is up, or the receiver does not answer."""
        with requests.Session() as http:
            while time.monotonic() < self._until_s and (some := _due(self._receiver.key)):
                try:
                    for batch in self._batches(some):
                        self._note(batch, self._send(http, batch))
                        if self._refusals >= REFUSALS_IN_A_ROW:
                            self._leave_in_peace(batch[0].problem)
                            return
                except Away as error:
                    self._leave_in_peace(str(error))
                    return

    def _batches(self, some: Sequence[Delivery]) -> list[Sequence[Delivery]]:
        """Put together what may go in one request: statements that were never refused."""
        if self._receiver.key is not Key.LRS:
            return [[one] for one in some]
        fresh, others = [one for one in some if not one.tries], [[one] for one in some if one.tries]
        return [*([fresh] if fresh else []), *others]

    def _send(self, http: requests.Session, batch: Sequence[Delivery]) -> Answer:
        if self._receiver.key is Key.LRS:
            return sending.to_lrs(http, self._receiver, batch)
        return sending.to_hook(http, self._receiver, batch[0])

    def _note(self, batch: Sequence[Delivery], answer: Answer) -> None:
        now = clock.now_ms()
        is_delivered = answer.outcome is Outcome.DELIVERED
        self._refusals = 0 if is_delivered else self._refusals + (answer.outcome is Outcome.NOT_NOW)
        with unit_of_work():
            if is_delivered:
                db.session.execute(delete(Silence).where(Silence.receiver == self._receiver.key))
            for one in batch:
                one.answered_ms, one.problem, one.tries = now, answer.problem, one.tries + 1
                match answer.outcome:
                    case Outcome.DELIVERED:
                        one.state = State.DELIVERED
                    case Outcome.APART:
                        one.due_ms = now
                    case Outcome.REFUSED:
                        one.state = State.FAILED
                    case Outcome.NOT_NOW if one.tries > len(AGAIN_AFTER_S):
                        one.state = State.FAILED
                    case Outcome.NOT_NOW:
                        one.due_ms = now + _pause_ms(one.tries)

    def _leave_in_peace(self, problem: str) -> None:
        """Send nothing for a while, longer with each time: a receiver that is away costs a job its whole patience."""
        key = self._receiver.key
        with unit_of_work():
            row = db.session.get(Silence, key) or Silence(receiver=key, until_ms=0, failures=0, problem="")
            row.failures, row.problem = failures, _ = row.failures + 1, problem
            row.until_ms = clock.now_ms() + _pause_ms(failures)
            db.session.add(row)
        log.warning("%s takes nothing (%d times in a row): %s", self._receiver.url, failures, problem)


def _pause_ms(failures: int) -> int:
    longest = AGAIN_AFTER_S[min(failures, len(AGAIN_AFTER_S)) - 1] * 1000
    return random.randint(longest // 2, longest)  # noqa: S311 - nothing secret


def waiting() -> dict[Key, int]:
    """Return how many deliveries wait, by receiver."""
    wanted = select(Delivery.receiver, func.count()).where(Delivery.state == State.WAITING).group_by(Delivery.receiver)
    return {key: count for key, count in db.session.execute(wanted)}  # noqa: C416 - rows are no pairs to mypy
