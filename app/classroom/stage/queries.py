"""Reading who is on the stage."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.classroom.hands.models import Hand
from app.classroom.stage import kinds
from app.classroom.stage.models import StageMember, StageRules, StageSignal
from app.extensions import db
from app.timeline import queries as timeline

MOST_TURNS = 200
"""Events of the stage that are read to find its latest stretches. A person may stay longer than they reach back."""


@dataclass(frozen=True)
class Turn:
    """A stretch in which a learner was on the stage, epoch ms."""

    key: str
    from_ms: int
    to_ms: int


@dataclass(frozen=True)
class Rules:
    """Rules for turns."""

    free: bool = False
    turn_s: int = 0
    next_by_itself: bool = False
    layout: str = "side"


def rules(live_id: str) -> Rules:
    """Return the rules of a lesson."""
    row = db.session.get(StageRules, live_id)
    return Rules(row.free, row.turn_s, row.next_by_itself, row.layout) if row else Rules()


def members(live_id: str) -> Sequence[StageMember]:
    """Return who is on the stage, in the order in which their pages came."""
    wanted = select(StageMember).where(StageMember.live_id == live_id)
    return db.session.scalars(wanted.order_by(StageMember.number)).all()


def member_with(live_id: str, page: str) -> StageMember | None:
    """Return the member whose page of this name is on the stage."""
    wanted = select(StageMember).where(StageMember.live_id == live_id, StageMember.page == page)
    return db.session.scalars(wanted).first() if page else None


def hosts() -> Sequence[StageMember]:
    """Return the hosts of all stages."""
    return db.session.scalars(select(StageMember).where(StageMember.host)).all()


def turns_within(live_id: str, from_ms: int, to_ms: int) -> list[Turn]:
    """Return the stretches in which learners were on the stage, as far as they lie between two moments."""
    since: dict[str, int] = {}
    found: list[Turn] = []
    for event in timeline.newest(live_id, kinds={kinds.JOINED, kinds.LEFT}, limit=MOST_TURNS):
        key = str(event.payload["key"])
        if event.kind == kinds.JOINED:
            since[key] = event.at_ms
        else:
            found.append(Turn(key, since.pop(key, from_ms), event.at_ms))
    found += [Turn(one.key, since.get(one.key, from_ms), to_ms) for one in members(live_id) if not one.host]
    within = [Turn(one.key, max(one.from_ms, from_ms), min(one.to_ms, to_ms)) for one in found]
    return [one for one in within if one.from_ms < one.to_ms]


def waiting_signals(pages: Collection[str]) -> Sequence[StageSignal]:
    """Return the signals to some pages that are not delivered yet, in order."""
    wanted = select(StageSignal).where(StageSignal.page.in_(pages))
    return db.session.scalars(wanted.order_by(StageSignal.id)).all()


def turns_that_end(now_ms: int) -> Sequence[tuple[str, str]]:
    """Return lesson and key of those whose turn is over where the next one is called by itself."""
    wanted = (
        select(Hand.live_id, Hand.key)
        .join(StageRules, StageRules.live_id == Hand.live_id)
        .where(StageRules.turn_s > 0, StageRules.next_by_itself, Hand.called_ms + StageRules.turn_s * 1000 <= now_ms)
    )
    return [(live_id, key) for live_id, key in db.session.execute(wanted)]
