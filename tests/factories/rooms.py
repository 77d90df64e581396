"""People in a lesson's room, for tests."""

from __future__ import annotations

import json
from typing import Any

from app.accounts.models import User
from app.classroom.engine import frames
from app.classroom.engine.commands import Call
from app.classroom.engine.presence import services as people
from app.classroom.engine.seats import Person, Seat, Side
from app.classroom.engine.wire import payload_of
from app.live.models import LiveSession
from app.live.policies import permissions_of

GUEST = Person("gabc", "访客", None)


def call_of(user: User | None, live: LiveSession) -> Call:
    """Make the call that a command of somebody's gets; of a guest's without a user."""
    if user is None:
        return Call(live, None, GUEST, frozenset())
    return Call(live, user, Person(f"u{user.id}", user.real_name, user.id), permissions_of(user, live))


def seat(user: User | None, live: LiveSession, *, part: str = "learner") -> Seat:
    """Make the seat of somebody; of a guest without a user."""
    side = Side.LEARNER if part in ("learner", "guest") else Side.DESK
    person = call_of(user, live).person
    return Seat(live.id, person, side, part if user else "guest", directs=False, locale="zh_CN", sign_in_key="")


def enter(live: LiveSession, *users: User | None, part: str = "learner") -> None:
    """Note people as present."""
    people.note(entered=[seat(user, live, part=part) for user in users])


def leave(live: LiveSession, *users: User) -> None:
    """Note people as gone."""
    people.note(left=[(live.id, f"u{user.id}") for user in users])


def frames_of(live: LiveSession, side: Side = Side.LEARNER, locale: str = "zh_CN") -> list[dict[str, Any]]:
    """Give everything that one side of the room is sent, in order. Needs a request context."""
    sent = [frame.wires.get((locale, side), b"") for frame in frames.backlog(live.id, 0, (locale, side))]
    return [json.loads(payload_of(wire)) for wire in sent if wire]
