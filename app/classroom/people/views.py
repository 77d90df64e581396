"""View models of the list of people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.classroom.chat import queries as chat
from app.classroom.chat.models import Mute
from app.classroom.engine import door
from app.classroom.engine.models import Bar
from app.classroom.engine.presence import queries
from app.classroom.engine.presence.models import Presence
from app.classroom.engine.presence.queries import Counts
from app.classroom.engine.seats import Side
from app.live.models import LiveSession


@dataclass(frozen=True)
class PeopleView:
    """A room's people for one side of it."""

    counts: Counts
    shown: Sequence[Presence]
    q: str
    units: Sequence[tuple[str, int]]
    """Number of people of each unit, for the desk."""
    barred: Sequence[Bar]
    mutes: Sequence[Mute]

    @property
    def muted(self) -> frozenset[str]:
        """Return the keys of those who may not write."""
        return frozenset(mute.key for mute in self.mutes)


def people_view(live: LiveSession, side: Side, q: str = "") -> PeopleView:
    """Show who is in a room, or who of them is called like `q`."""
    is_desk = side is Side.DESK
    return PeopleView(
        counts=queries.counts(live.id),
        shown=queries.here(live.id, q=q),
        q=q,
        units=queries.units_here(live.id) if is_desk else (),
        barred=door.barred(live.id) if is_desk else (),
        mutes=chat.mutes(live.id) if is_desk else (),
    )
