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
    """Return the call that a person's command gets. Without a user it is a guest's."""
    if user is None:
        return Call(live, None, GUEST, frozenset())
    return Call(live, user, Person(f"u{user.id}", user.real_name, user.id), permissions_of(user, live))


def seat(user: User | None, live: LiveSession, *, part: str = "learner") -> Seat:
    """Return the seat of a person. Without a user it is a guest's."""
    side = Side.LEARNER if part in ("learner", "guest") else Side.DESK
    person = call_of(user, live).person
    return Seat(live.id, person, side, part if user else "guest", directs=False, locale="zh_CN", sign_in_key="")


def enter(live: LiveSession, *users: User | None, part: str = "learner") -> None:
    """Mark people as present."""
    people.note(entered=[seat(user, live, part=part) for user in users])


def leave(live: LiveSession, *users: User) -> None:
    """Mark people as gone."""
    people.note(left=[(live.id, f"u{user.id}") for user in users])


def frames_of(live: LiveSession, side: Side = Side.LEARNER, locale: str = "zh_CN") -> list[dict[str, Any]]:
    """Return all frames to one side of the room, in order. It needs a request context."""
    sent = [frame.wires.get((locale, side), b"") for frame in frames.backlog(live.id, 0, (locale, side))]
    return [json.loads(payload_of(wire)) for wire in sent if wire]
