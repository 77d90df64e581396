"""Setting the times of pages, and taking that back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.accounts.models import User
from app.classroom.slides.kinds import CLEARED, SHOWN
from app.extensions import db
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.models import LiveSession
from app.replays.cutting.queries import PAGES, whole_clock
from app.replays.slide_times import queries
from app.replays.slide_times.errors import CannotBeTimed
from app.replays.slide_times.models import SlideTimes
from app.replays.slide_times.queries import Turn
from app.replays.slide_times.text import Line
from app.timeline import services as timeline


def set_times(live: LiveSession, lines: Sequence[Line], *, by: User) -> None:
    """Let pages appear at other places; each is shown with all of its builds.

    Raises:
        CannotBeTimed: the lesson is of another kind, or nothing was recorded.
    """
    with unit_of_work():
        lock(live)
        timed, clock = queries.timed(live), whole_clock(live)
        steps = {page.number: max(0, len(page.steps) - 1) for page in timed.pages}
        turns = []
        for line in lines:
            at_ms = clock.wall_ms(line.place_ms)
            if at_ms is None:
                raise CannotBeTimed
            turns.append((at_ms, line.page, steps.get(line.page, 0)))
        if not queries.versions_of(live.id):
            db.session.add(SlideTimes(live_id=live.id, turns=[list(turn) for turn in timed.turns]))
            db.session.flush()
        db.session.add(SlideTimes(live_id=live.id, turns=[list(turn) for turn in turns], by_id=by.id))
        _show(live, timed.document.id, turns, by)


def undo(live: LiveSession, *, by: User) -> None:
    """Take back what was set last, if anything was.

    Raises:
        CannotBeTimed: the lesson is of another kind.
    """
    with unit_of_work():
        lock(live)
        timed, versions = queries.timed(live), queries.versions_of(live.id)
        if len(versions) > 1:
            db.session.delete(versions[-1])
            _show(live, timed.document.id, [(at, page, step) for at, page, step in versions[-2].turns], by)


def _show(live: LiveSession, document: str, turns: Sequence[Turn], by: User) -> None:
    told: list[tuple[int, str, dict[str, Any]]] = [
        (at_ms, SHOWN, {"document": document, "page": page, "step": step}) if page else (at_ms, CLEARED, {})
        for at_ms, page, step in turns
    ]
    timeline.replace(live.id, PAGES, told, by_id=by.id)
