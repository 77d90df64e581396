"""Numbers of the desk that change with every press in the hall, such as the answers to a poll."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from app.classroom.engine.hub import Hub
from app.classroom.engine.seats import Side, Variant


class Counted(Protocol):
    """A row about something in a lesson that people answer."""

    id: Any
    live_id: Any


Thing = TypeVar("Thing", bound=Counted)
Count = TypeVar("Count")


class Teller(Generic[Thing, Count]):
    """Sends new numbers to the desks of one hub, at most once a second for each thing, however many people answer."""

    def __init__(
        self,
        running: Callable[[Collection[str]], Sequence[Thing]],
        count: Callable[[Collection[int]], Mapping[int, Count]],
        wires: Callable[[Thing, Count], Mapping[Variant, bytes]],
    ) -> None:
        """Know of no numbers yet.

        Args:
            running: returns the things of some lessons that are being answered.
            count: returns the numbers of some things, by their ids.
            wires: renders the numbers of one thing, for the variants of the desk.
        """
        self._running, self._count, self._wires = running, count, wires
        self._told: Mapping[int, Count] = {}

    def tell(self, hub: Hub) -> None:
        """Send what has changed since the last call. The hub's keeper calls this once a second."""
        desks = [live_id for live_id, room in hub.seats().items() if any(seat.side is Side.DESK for seat in room)]
        things = self._running(desks) if desks else ()
        counts = self._count([thing.id for thing in things]) if things else {}
        for thing in things:
            if counts[thing.id] != self._told.get(thing.id):
                hub.tell(thing.live_id, self._wires(thing, counts[thing.id]))
        self._told = counts
