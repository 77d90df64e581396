"""Raising and lowering hands, and giving the floor."""

from __future__ import annotations

from app.classroom.engine.commands import Call
from app.classroom.engine.presence import queries as people
from app.classroom.hands import errors, kinds, queries
from app.classroom.hands.models import Hand
from app.extensions import db
from app.kernel import clock, pulse
from app.kernel.text import one_line
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.lifecycle import OVER
from app.live.models import LiveSession
from app.timeline import services as timeline

LONGEST_REASON = 100
GONE_MS = 60_000
"""A hand waits so long for somebody whose connection is lost."""


def raise_hand(call: Call, reason: str) -> None:
    """Raise one's hand; one that is up stays at its place and may get another reason.

    Raises:
        NotNow: the lesson is over.
    """
    reason = (one_line(reason) or "")[:LONGEST_REASON]
    with unit_of_work():
        lock(call.live)
        if call.live.state in OVER:
            raise errors.NotNow
        hand = db.session.get(Hand, (call.live.id, call.person.key))
        if hand is not None and hand.reason == reason:
            return
        payload = {"key": call.person.key, "name": call.person.name}
        event = timeline.append(call.live.id, kinds.RAISED, payload, by_id=call.person.user_id)
        if hand is not None:
            hand.reason = reason
            return
        db.session.add(
            Hand(
                live_id=call.live.id,
                key=call.person.key,
                name=call.person.name,
                reason=reason,
                raised_ms=event.at_ms,
                number=event.id,
            )
        )


def lower(live_id: str, key: str, *, by_id: int | None) -> None:
    """Lower a hand; one that is down stays so."""
    with unit_of_work():
        _lock(live_id)
        hand = db.session.get(Hand, (live_id, key))
        if hand is not None:
            db.session.delete(hand)
            timeline.append(live_id, kinds.LOWERED, {"key": key, "name": hand.name}, by_id=by_id)


def give_floor(call: Call, key: str) -> None:
    """Ask somebody to speak; who had the floor until now has spoken, and her hand goes down.

    Raises:
        HandDown: her hand is not up.
    """
    with unit_of_work():
        lock(call.live)
        hand = db.session.get(Hand, (call.live.id, key))
        if hand is None:
            raise errors.HandDown
        if hand.called_ms is not None:
            return
        for other in queries.queue(call.live.id):
            if other.called_ms is not None:
                lower(call.live.id, other.key, by_id=call.person.user_id)
        hand.called_ms = clock.now_ms()
        timeline.append(call.live.id, kinds.CALLED, {"key": key, "name": hand.name}, by_id=call.person.user_id)


def lower_all(live_id: str, *, by_id: int | None = None) -> None:
    """Lower every hand of a lesson."""
    with unit_of_work():
        _lock(live_id)
        for hand in queries.queue(live_id):
            lower(live_id, hand.key, by_id=by_id)


def lower_of_those_gone() -> None:
    """Lower the hands of those who left a minute ago, and could have come back. Called by the clockwork."""
    gone_ms = clock.now_ms() - GONE_MS
    if not pulse.well_since(gone_ms):
        return
    for live_id in queries.lessons_with_hands():
        keys = [hand.key for hand in queries.queue(live_id)]
        for key in sorted(people.left_since(live_id, keys, gone_ms)):
            lower(live_id, key, by_id=None)


def _lock(live_id: str) -> None:
    """Let nobody else change the queue meanwhile: two who lower the same hand at once must not trip over it."""
    live = db.session.get(LiveSession, live_id)
    if live is not None:
        lock(live)
