"""The reader's place in the room, which every page of the classroom gets."""

from __future__ import annotations

from dataclasses import dataclass

from app.accounts.models import User
from app.classroom.engine import door
from app.classroom.engine.seats import Side
from app.live.models import LiveSession


@dataclass(frozen=True)
class RoomView:
    """The reader's place in the room."""

    me: str
    """Key of the person, see `seats.Person`."""
    name: str
    side: Side
    takes_part: bool
    """The reader has a name here, and does not only look on."""
    is_guest: bool
    is_open: bool
    """People are in it; not a replay."""


def room_view(live: LiveSession, user: User | None, *, is_open: bool = True) -> RoomView:
    """Show a person's own place in the room."""
    person = door.person_of(user, live)
    side = door.side_of(user, live)
    return RoomView(person.key, person.name, side, takes_part=bool(person.key), is_guest=user is None, is_open=is_open)
