"""Who teaches (讲课学时) or speaks on the stage watches nothing: her page in the room counts for her.

A speaker counts from the moment at which she came to the stage until she left it: there her own player rests.
"""

from __future__ import annotations

from app.classroom.engine.hub import Hub
from app.classroom.stage import queries as stage
from app.credits.counting.collecting import Report, collector
from app.credits.counting.judging import Fact, Piece
from app.credits.counting.services import TEACHING
from app.credits.rules.queries import rule_for
from app.extensions import db
from app.kernel import clock
from app.live.models import LiveSession

EVERY_MS = 10_000

REACH_MS = 15_000
"""Length of the stretch that each look counts: the newest media are noted a second or two after they were captured, so
each look reaches back behind the one before. Who left the stage since then is counted until she left."""


class Teaching:
    """Looks every ten seconds who is on the stage, and who teaches where the rule counts that, in rooms on air."""

    def __init__(self) -> None:
        """Have looked nowhere yet."""
        self._looked_ms: dict[str, int] = {}

    def count(self, hub: Hub) -> None:
        """Count for those who speak; called by the keeper of the rooms at each step."""
        now = clock.now_ms()
        rooms = hub.seats()
        due = [live_id for live_id in rooms if self._is_due(live_id, now)]
        self._looked_ms = {live_id: at for live_id, at in self._looked_ms.items() if live_id in rooms}
        for live_id in due:
            self._looked_ms[live_id] = now
            live = db.session.get(LiveSession, live_id)
            if live is None or not live.is_shown:
                continue
            turns = stage.turns_within(live_id, now - REACH_MS, now)
            teachers_too = rule_for(live).teachers_too
            for seat in {seat.person.key: seat for seat in rooms[live_id]}.values():
                if teachers_too and seat.part in TEACHING:
                    pieces = [Piece(now - REACH_MS, now, 1.0, Fact(0))]
                else:
                    of_hers = (turn for turn in turns if turn.key == seat.person.key)
                    pieces = [Piece(turn.from_ms, turn.to_ms, 1.0, Fact(0)) for turn in of_hers]
                if pieces and seat.person.user_id is not None:
                    collector().put(Report(seat, seat.person.user_id, pieces, now))

    def _is_due(self, live_id: str, now: int) -> bool:
        return now - self._looked_ms.get(live_id, 0) >= EVERY_MS
