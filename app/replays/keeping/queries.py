"""Reading rules, and what they are about to do."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.kernel import clock
from app.kernel.permissions import Permission
from app.live.lifecycle import LiveState
from app.live.lists import queries as listings
from app.live.models import LiveSession
from app.media.models import Stream
from app.replays.keeping.models import KeepingRule
from app.roles.policies import Holdings
from app.units import queries as units
from app.units.models import Unit

DAY_MS = 86_400_000
BIN_DAYS = 30
NOTICE_DAYS = 14
"""Days between the mail and the deletion."""
GROWTH_DAYS = 90
"""Days of which the daily growth is the average."""


@dataclass(frozen=True)
class Rule:
    """The rule that holds for a unit."""

    days: int | None
    """Days after the lesson's end; `None` means for ever."""
    unit_id: int | None
    """The unit that has made it; `None` where there is no rule."""


FOR_EVER = Rule(None, None)


def rules() -> dict[int, KeepingRule]:
    """Return all rules by unit."""
    return {rule.unit_id: rule for rule in db.session.scalars(select(KeepingRule))}


def rule_for(path: str, made: Mapping[int, KeepingRule]) -> Rule:
    """Return the rule for a unit with this path: its own, or that of the nearest unit above."""
    for part in reversed(path.strip("/").split("/")):
        rule = made.get(int(part))
        if rule is not None:
            return Rule(rule.days, rule.unit_id)
    return FOR_EVER


def due_ms(live: LiveSession, made: Mapping[int, KeepingRule]) -> int | None:
    """Return when a recording goes into the bin by its unit's rule (epoch ms); `None` means never."""
    days = rule_for(live.unit.path, made).days
    if days is None or live.ended_at_ms is None or live.recording_kept:
        return None
    return live.ended_at_ms + days * DAY_MS


def nearly_due(now_ms: int, made: Mapping[int, KeepingRule]) -> Sequence[LiveSession]:
    """Return the recordings old enough for the shortest rule, or whose people were told of a deletion."""
    shortest = min((rule.days for rule in made.values() if rule.days is not None), default=None)
    told = LiveSession.recording_told_ms.is_not(None)
    old = told if shortest is None else told | (LiveSession.ended_at_ms <= now_ms + (NOTICE_DAYS - shortest) * DAY_MS)
    wanted = (
        select(LiveSession)
        .join(LiveSession.stream)
        .where(
            LiveSession.state == LiveState.ENDED,
            LiveSession.rehearses_id.is_(None),
            Stream.finished,
            listings.is_recorded(),
            old,
        )
    )
    return db.session.scalars(wanted.options(joinedload(LiveSession.stream))).all()


def to_purge(now_ms: int) -> Sequence[LiveSession]:
    """Return the recordings whose time in the bin is over."""
    over = LiveSession.recording_binned_ms <= now_ms - BIN_DAYS * DAY_MS
    return db.session.scalars(select(LiveSession).where(over).options(joinedload(LiveSession.stream))).all()


@dataclass(frozen=True)
class Use:
    """Space that the recordings of a unit and of those beneath take."""

    unit_id: int
    name: str
    depth: int
    recordings: int
    size_bytes: int
    binned_bytes: int
    rule: Rule
    has_own_rule: bool


def use_by_unit(held: Holdings) -> list[Use]:
    """Return the disk use of each unit that somebody manages and that has recordings, or a rule, in tree order."""
    managed = db.session.scalars(select(Unit).where(held.where(Permission.LIVE_MANAGE_UNIT))).all()
    sums = _sums()
    made, found = rules(), []
    names = {unit.id: unit.name for unit in managed}
    tops = min((unit.path.count("/") for unit in managed), default=0)
    for unit in units.in_order(managed):
        beneath = [sums[one] for one in sums if one[0].startswith(unit.path)]
        count, size, binned = (sum(row[at] for row in beneath) for at in range(3))
        depth = unit.path.count("/") - tops
        if count or binned or unit.id in made or depth == 0:
            rule = rule_for(unit.path, made)
            found.append(Use(unit.id, names[unit.id], depth, count, size, binned, rule, unit.id in made))
    return found


def _sums() -> dict[tuple[str, bool], tuple[int, int, int]]:
    """Return number and bytes of recordings, and the bytes of those in the bin, by the path of their units."""
    is_binned = LiveSession.recording_binned_ms.is_not(None)
    rows = db.session.execute(
        select(Unit.path, is_binned, func.count(), func.sum(Stream.kept_bytes))
        .select_from(LiveSession)
        .join(LiveSession.stream)
        .join(Unit, Unit.id == LiveSession.unit_id)
        .where(Stream.kept_ms > 0)
        .group_by(Unit.path, is_binned)
    )
    return {
        (path, bool(binned)): (0, 0, int(size)) if binned else (count, int(size), 0)
        for path, binned, count, size in rows
    }


@dataclass(frozen=True)
class Forecast:
    """Time until the disk is full."""

    free_bytes: int
    """Before recording stops."""
    daily_bytes: int
    """Recorded on an average day of the last `GROWTH_DAYS`."""
    days_left: int | None
    """Until the disk is full at this pace; `None` while nothing is recorded."""
    freed_bytes: int
    """Recordings in the bin that can still be restored."""


def forecast() -> Forecast:
    """Return how long the disk lasts, for the whole service: all units share it."""
    config = current_app.config
    config["MEDIA_ROOT"].mkdir(parents=True, exist_ok=True)
    free = max(0, shutil.disk_usage(config["MEDIA_ROOT"]).free - config["DISK_RESERVE_MB"] * 2**20)
    since = clock.now_ms() - GROWTH_DAYS * DAY_MS
    lately = select(func.sum(Stream.kept_bytes), func.min(LiveSession.started_at_ms)).join(
        LiveSession, LiveSession.stream_id == Stream.id
    )
    grown, first_ms = db.session.execute(lately.where(LiveSession.started_at_ms >= since)).one()
    days = max(1, min(GROWTH_DAYS, -(-(clock.now_ms() - int(first_ms or clock.now_ms())) // DAY_MS)))
    daily = int(grown or 0) // days
    binned = select(func.sum(Stream.kept_bytes)).join(LiveSession, LiveSession.stream_id == Stream.id)
    freed = db.session.scalar(binned.where(LiveSession.recording_binned_ms.is_not(None))) or 0
    return Forecast(free, daily, free // daily if daily else None, int(freed))
