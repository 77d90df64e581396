"""Appending to the chain: one after the other, each entry with the hash of the one before it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from app.credits.ledger import events
from app.credits.ledger.models import GENESIS, HASHED, TOGETHER, Entry, Evidence, Total
from app.credits.rules.models import digest_of
from app.extensions import db
from app.kernel import clock, web
from app.kernel.unit_of_work import unit_of_work

Draft = dict[str, Any]
"""Columns of an entry, but for its number, its time and its hashes; `stretches` may stand beside them."""

EMPTY: Mapping[str, Any] = {
    "live_id": None, "original_id": None, "category": "", "watched_ms": 0, "programme_ms": 0,
    "rollcalls_confirmed": 0, "rollcalls_reached": 0, "rule_id": None, "rule_digest": "", "terms_id": None,
    "terms_digest": "", "stretches_digest": "", "refers_to": None, "reason": "", "by_id": None, "proof": "",
    "proof_digest": "",
}  # fmt: skip


def hash_of(row: Mapping[str, Any]) -> str:
    """Return the hash of an entry, which covers every column and the hash of the entry before."""
    return digest_of(*(str(row[name]) if name == "kind" else row[name] for name in HASHED))


def head() -> tuple[int, str]:
    """Return number and hash of the newest entry."""
    found = db.session.execute(select(Entry.id, Entry.hash).order_by(Entry.id.desc()).limit(1)).first()
    return (found.id, found.hash) if found else (0, GENESIS)


def hold() -> None:
    """Keep others from appending until the unit of work ends; reading goes on. SQLite has one writer anyway."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("LOCK TABLE credits_entry IN EXCLUSIVE MODE"))


def append(drafts: Sequence[Draft]) -> list[int]:
    """Append entries in their order, and add them to the totals; return their numbers."""
    if not drafts:
        return []
    with unit_of_work():
        hold()
        number, previous = head()
        now, rows, evidence = clock.now_ms(), [], []
        sums: dict[tuple[int, int, str], int] = defaultdict(int)
        for draft in drafts:
            number += 1
            row = {**EMPTY, **draft, "id": number, "at_ms": now, "previous": previous}
            stretches = row.pop("stretches", None)
            previous = row["hash"] = hash_of(row)
            rows.append(row)
            if stretches is not None:
                evidence.append({"entry_id": number, "stretches": stretches})
            for category in (row["category"], TOGETHER):
                sums[row["user_id"], year_of(row["earned_ms"]), category] += row["hours_hundredths"]
        db.session.execute(insert(Entry), rows)
        if evidence:
            db.session.execute(insert(Evidence), evidence)
        _add_up(sums)
        events.appended.send(rows, stretches={one["entry_id"]: one["stretches"] for one in evidence})
    return [row["id"] for row in rows]


def year_of(ms: int) -> int:
    """Return the year in which a moment lies, in the academy's zone."""
    return clock.to_datetime(ms).astimezone(web.zone()).year


def _add_up(sums: Mapping[tuple[int, int, str], int]) -> None:
    rows = [
        {"user_id": user_id, "year": year, "category": category, "hours_hundredths": hours}
        for (user_id, year, category), hours in sums.items()
    ]
    upsert = (postgresql_insert if db.engine.dialect.name == "postgresql" else sqlite_insert)(Total)
    raised = {"hours_hundredths": Total.hours_hundredths + upsert.excluded.hours_hundredths}
    keys = [Total.user_id, Total.year, Total.category]
    db.session.execute(upsert.on_conflict_do_update(index_elements=keys, set_=raised), rows)
