"""Number of people who have confirmed, which the desk sees while a roll-call runs."""

from __future__ import annotations

from collections.abc import Mapping

from app.classroom.engine import frames
from app.classroom.engine.presence.teller import Teller
from app.classroom.engine.seats import Variant
from app.classroom.rollcall import queries
from app.classroom.rollcall.models import RollCall
from app.classroom.rollcall.queries import Tally


def teller() -> Teller[RollCall, Tally]:
    """Return what tells the desks of one hub."""
    return Teller(queries.running_in, queries.tallies, _wires)


def _wires(roll: RollCall, tally: Tally) -> Mapping[Variant, bytes]:
    data = {"roll": roll.id, "called": tally.called, "present": tally.present, "late": tally.late}
    return frames.for_desk(lambda: frames.told("rollcall.count", data))
