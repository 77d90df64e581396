"""Seats and the people on them, as every part of the classroom knows them: ids and names, no database objects."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    """Side of the room. It decides what a page shows."""

    LEARNER = "learner"
    DESK = "desk"
    """People who teach, assist or manage."""


Variant = tuple[str, Side]
"""A language and a side."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person in the room, with an account or without."""

    key: str
    """`u` and the id of the account, or `g` and the id of the guest. A presenter who plays a learner in a rehearsal has
    `p` and the id of her account. Empty means that the visitor may only watch."""
    name: str
    user_id: int | None


@dataclass(frozen=True, slots=True)
class Seat:
    """The seat of a page. It holds no database objects, since a lesson lasts hours."""

    live_id: str
    person: Person
    side: Side
    part: str
    """teacher, assistant, manager, learner or guest."""
    directs: bool
    locale: str
    sign_in_key: str
    """Empty for a visitor without an account."""
    block: str = ""
    """Block of addresses from which a visitor without an account comes. Empty for people with an account."""
    takes_part_ms: int = 0
    """Moment (epoch ms) from which a visitor may do more than watch."""
    only_looks: bool = False
    """A presenter looks at the learner's page. She does not count as present, and her commands are refused."""
    plays_learner: bool = False
    """A presenter has opened the learner's page of a rehearsal. She may do there what learners may, and no more."""
    page: str = ""
    """Name that an open page gives itself, the same on each of its sockets. Empty for a page without a websocket.
    A page can claim any name, so a message for one page names the person as well."""

    @property
    def variant(self) -> Variant:
        """Return the language and the side that this seat is shown."""
        return self.locale, self.side
