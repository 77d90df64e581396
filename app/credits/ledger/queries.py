"""Reading the ledger."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import and_, func, or_, select

from app.credits.counting.stretches import Stretches
from app.credits.ledger.models import TOGETHER, Closing, Entry, Evidence, Kind, Total
from app.extensions import db
from app.kernel import web
from app.kernel.clock import to_ms
from app.units.models import Unit, within


def year_span(year: int) -> tuple[int, int]:
    """Return beginning and end of a year in the academy's zone, epoch ms."""
    zone = web.zone()
    return to_ms(datetime(year, 1, 1, tzinfo=zone)), to_ms(datetime(year + 1, 1, 1, tzinfo=zone))


def entries_of(user_id: int, year: int | None = None) -> Sequence[Entry]:
    """Return the entries of a person, of one year or of all, the newest first."""
    wanted = select(Entry).where(Entry.user_id == user_id)
    if year is not None:
        since, until = year_span(year)
        wanted = wanted.where(Entry.earned_ms >= since, Entry.earned_ms < until)
    return db.session.scalars(wanted.order_by(Entry.earned_ms.desc(), Entry.id.desc())).all()


def entries_about(live_id: str) -> Sequence[Entry]:
    """Return the entries of a lesson in their order."""
    return db.session.scalars(select(Entry).where(Entry.live_id == live_id).order_by(Entry.id)).all()


def entry_about(user_id: int, live_id: str) -> Entry | None:
    """Return the first entry of a person for a lesson."""
    wanted = select(Entry).where(Entry.live_id == live_id, Entry.user_id == user_id)
    return db.session.scalar(wanted.order_by(Entry.id).limit(1))


def finishers(live_ids: Collection[str], unit: Unit) -> dict[str, int]:
    """Count for several lessons the people of a unit, and beneath, who watched at least nine tenths of the programme.

    Lessons that nobody of the unit has finished are left out.
    """
    finished = and_(Entry.kind == Kind.EARNED, Entry.watched_ms * 10 >= Entry.programme_ms * 9, Entry.programme_ms > 0)
    there = Entry.unit_id.in_(select(Unit.id).where(within(unit.path)))
    wanted = select(Entry.live_id, func.count(Entry.user_id.distinct())).where(Entry.live_id.in_(live_ids))
    rows = db.session.execute(wanted.where(finished, there).group_by(Entry.live_id))
    return {live_id: count for live_id, count in rows if live_id is not None}


def hours_about(entry: Entry) -> Decimal:
    """Return the hours that a person has for what an entry is about, with all corrections of it."""
    of_itself = or_(Entry.id == entry.id, Entry.refers_to == entry.id)
    same = of_itself if entry.live_id is None else Entry.live_id == entry.live_id
    total = db.session.scalar(select(func.sum(Entry.hours_hundredths)).where(Entry.user_id == entry.user_id, same))
    return Decimal(int(total or 0)) / 100


def years_of(user_id: int) -> list[int]:
    """Return the years in which a person has entries, the newest first."""
    wanted = select(Total.year).where(Total.user_id == user_id).distinct().order_by(Total.year.desc())
    return list(db.session.scalars(wanted))


def totals_of(user_ids: Collection[int], year: int) -> dict[int, dict[str, Decimal]]:
    """Return the hours of people in a year by category, by the ids of their accounts."""
    rows = db.session.execute(
        select(Total.user_id, Total.category, Total.hours_hundredths).where(
            Total.year == year, Total.user_id.in_(user_ids), Total.category != TOGETHER
        )
    )
    found: dict[int, dict[str, Decimal]] = {}
    for user_id, category, hours in rows:
        found.setdefault(user_id, {})[category] = Decimal(hours) / 100
    return found


def closing_of(live_id: str) -> Closing | None:
    """Return how far a lesson is closed; `None` while it is not over."""
    return db.session.get(Closing, live_id)


def stretches_of(evidence: Evidence) -> Stretches:
    """Return the stretches from which an entry was computed."""
    return [(int(start), int(end)) for start, end in json.loads(evidence.stretches)]


def evidence_of(entries: Collection[Entry]) -> dict[int, Stretches]:
    """Return the stretches of entries, as far as they are kept, by the entries' numbers."""
    rows = db.session.scalars(select(Evidence).where(Evidence.entry_id.in_([one.id for one in entries])))
    return {row.entry_id: stretches_of(row) for row in rows}
