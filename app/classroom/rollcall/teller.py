"""How many have confirmed, told to the desk while a roll-call runs: once for all who did so within a second."""

from __future__ import annotations

from app.classroom.engine import frames
from app.classroom.engine.hub import Hub
from app.classroom.engine.seats import Side
from app.classroom.rollcall import queries
from app.classroom.rollcall.queries import Tally


class Teller:
    """Tells the desks of one hub."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._told: dict[int, Tally] = {}

    def tell(self, hub: Hub) -> None:
        """Tell what has changed since the last time; called by the keeper."""
        desks = [live_id for live_id, room in hub.seats().items() if any(seat.side is Side.DESK for seat in room)]
        running = queries.running_in(desks) if desks else ()
        tallies = queries.tallies([roll.id for roll in running]) if running else {}
        for roll in running:
            tally = tallies[roll.id]
            if tally != self._told.get(roll.id):
                data = {"roll": roll.id, "called": tally.called, "present": tally.present, "late": tally.late}
                wire = frames.told("rollcall.count", data)
                hub.tell(roll.live_id, {variant: wire for variant in frames.VARIANTS if variant[1] is Side.DESK})
        self._told = tallies
