"""The stage as pages know it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from app.classroom.hands import queries as hands
from app.classroom.stage import kinds, queries
from app.timeline import queries as timeline


@dataclass(frozen=True)
class MemberView:
    """A person who has the floor, or the host."""

    key: str
    name: str
    page: str
    """Name of the page with which she is on the stage; empty until that is there."""
    host: bool
    muted: bool
    number: int
    """Later pages call earlier ones."""
    way: str
    """voice or both. Empty means that she does not want to be heard."""
    until_ms: int
    """End of her turn, epoch ms; 0 for none."""
    reason: str = ""
    """Subject on which she wants to speak. Only the desk sees it."""

    def as_data(self) -> dict[str, Any]:
        """Return what scripts of all pages are told, as JSON."""
        return {name: value for name, value in asdict(self).items() if name != "reason"}


@dataclass(frozen=True)
class StageView:
    """Members, the host first, and the rules."""

    members: tuple[MemberView, ...]
    free: bool
    turn_s: int
    next_by_itself: bool
    layout: str
    version: int
    """Id of the newest event of the stage when it was looked at: what a page is told may overtake what it asked for."""

    def as_data(self) -> dict[str, Any]:
        """Return what scripts are told, as JSON."""
        return asdict(self) | {"members": [member.as_data() for member in self.members]}


def stage_view(live_id: str) -> StageView:
    """Return the stage of a lesson."""
    version = timeline.newest_of(live_id, kinds.ALL)  # before the rest: that is as new, or newer
    rules = queries.rules(live_id)
    rows = {row.key: row for row in queries.members(live_id)}
    views = [
        MemberView(row.key, row.name, row.page, host=True, muted=False, number=row.number, way="both", until_ms=0)
        for row in rows.values()
        if row.host
    ]
    for hand in hands.queue(live_id):
        if hand.called_ms is None:
            continue
        row = rows.get(hand.key)
        here = row is not None and not row.host
        views.append(
            MemberView(
                key=hand.key,
                name=hand.name,
                page=row.page if row and here else "",
                host=False,
                muted=bool(row and here and row.muted),
                number=row.number if row and here else 0,
                way=hand.way,
                until_ms=hand.called_ms + rules.turn_s * 1000 if rules.turn_s else 0,
                reason=hand.reason,
            )
        )
    return StageView(tuple(views), rules.free, rules.turn_s, rules.next_by_itself, rules.layout, version)
