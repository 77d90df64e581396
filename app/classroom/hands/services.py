"""Hands are raised and lowered here, and the floor is given."""

from __future__ import annotations

from flask import current_app

from app.classroom.engine.commands import Call
from app.classroom.engine.presence import queries as people
from app.classroom.hands import errors, events, kinds, queries
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


WAYS = ("", "voice", "both")
"""Way in which a person wants to speak: in writing, by voice, by voice and picture."""


def raise_hand(call: Call, reason: str, way: str = "") -> None:
    """Raise one's hand; one that is up stays at its place and may get another reason, or another way to speak.

    Raises:
        NotNow: the lesson is over.
        NoWay: there is no such way to speak.
    """
    if way not in WAYS:
        raise errors.NoWay
    reason = (one_line(reason) or "")[:LONGEST_REASON]
    with unit_of_work():
        lock(call.live)
        if call.live.state in OVER:
            raise errors.NotNow
        hand = db.session.get(Hand, (call.live.id, call.person.key))
        if hand is not None and (hand.reason, hand.way) == (reason, way):
            return
        payload = {"key": call.person.key, "name": call.person.name}
        event = timeline.append(call.live.id, kinds.RAISED, payload, by_id=call.person.user_id)
        if hand is not None:
            hand.reason, hand.way = reason, way
            return
        db.session.add(
            Hand(
                live_id=call.live.id,
                key=call.person.key,
                name=call.person.name,
                reason=reason,
                way=way,
                raised_ms=event.at_ms,
                number=event.id,
            )
        )


def lower(live_id: str, key: str, *, by_id: int | None, left: bool = False) -> None:
    """Lower a hand; one that is down stays so. `left`: she lowers it herself, or has gone."""
    with unit_of_work():
        _lock(live_id)
        hand = db.session.get(Hand, (live_id, key))
        if hand is not None:
            db.session.delete(hand)
            timeline.append(live_id, kinds.LOWERED, {"key": key, "name": hand.name}, by_id=by_id)
            events.lowered.send(live_id, key=key, by_id=by_id, spoke=hand.called_ms is not None, left=left)


def give_floor(live: LiveSession, key: str, *, keep: bool = False, by_id: int | None) -> None:
    """Ask somebody to speak; who had the floor until now has spoken, and her hand goes down.

    Args:
        live: the lesson.
        key: of the person.
        keep: those who have the floor keep it, as long as the stage has seats.
        by_id: who asks; `None` when her turn came by itself.

    Raises:
        HandDown: her hand is not up.
        StageFull: nobody is to leave, and no seat is free.
    """
    with unit_of_work():
        lock(live)
        hand = db.session.get(Hand, (live.id, key))
        if hand is None:
            raise errors.HandDown
        if hand.called_ms is not None:
            return
        speaking = [other for other in queries.queue(live.id) if other.called_ms is not None]
        if keep and len(speaking) >= current_app.config["STAGE_SEATS"]:
            raise errors.StageFull
        for other in () if keep else speaking:
            lower(live.id, other.key, by_id=by_id)
        hand.called_ms = clock.now_ms()
        timeline.append(live.id, kinds.CALLED, {"key": key, "name": hand.name}, by_id=by_id)
        events.called.send(live.id, key=key)


def move(live: LiveSession, key: str, before: str) -> None:
    """Move a person who waits before another one, or to the end of the queue if no other one is named.

    Raises:
        HandDown: one of them does not wait any more.
    """
    with unit_of_work():
        lock(live)
        waiting = [hand for hand in queries.queue(live.id) if hand.called_ms is None]
        moved = [hand for hand in waiting if hand.key == key]
        others = [hand for hand in waiting if hand.key != key]
        places = [at for at, hand in enumerate(others) if hand.key == before]
        if not moved or (before and not places):
            raise errors.HandDown
        at = places[0] if places else len(others)
        order = [*others[:at], *moved, *others[at:]]
        if order == waiting:
            return
        for hand, number in zip(order, sorted(hand.number for hand in waiting), strict=True):
            hand.number = number
        db.session.flush()
        timeline.append(live.id, kinds.RAISED, {"key": key, "name": moved[0].name})


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
            lower(live_id, key, by_id=None, left=True)


def lower_of_one_put_out(live_id: str, key: str) -> None:
    """Lower the hand of somebody who was just put out."""
    lower(live_id, key, by_id=None)


def _lock(live_id: str) -> None:
    """Let nobody else change the queue meanwhile: two who lower the same hand at once must not trip over it."""
    live = db.session.get(LiveSession, live_id)
    if live is not None:
        lock(live)
