"""Verifying the ledger: the chain, and every entry against the stretches and the rule that it was computed from."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import select

from app.credits.counting import queries as counting
from app.credits.counting.models import Watched
from app.credits.counting.stretches import Stretches, length_ms, outside
from app.credits.ledger import chain, keeping, proofs
from app.credits.ledger.closing import counted, left_out
from app.credits.ledger.models import GENESIS, TOGETHER, Closing, Entry, Evidence, Kind, Total
from app.credits.ledger.reckoning import Facts, adds, digest_of_stretches, written
from app.credits.rules import queries as rules
from app.credits.rules.models import RuleVersion, Terms
from app.extensions import db
from app.kernel import web
from app.live.models import LiveSession

AT_ONCE = 2000


@dataclass(frozen=True)
class Fault:
    """A fault in the ledger."""

    where: str
    """Such as `entry 17`."""
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass
class Report:
    """The result of verifying."""

    entries: int = 0
    newest: str = GENESIS
    thinned: int = 0
    """Entries whose stretches were removed after the time for appeals: their chain was verified, and their hash."""


@dataclass
class _Sums:
    """Hours (hundredths) that the entries so far add up to."""

    here: dict[tuple[int, str], int] = field(default_factory=lambda: defaultdict(int))
    alike: dict[tuple[int, str], int] = field(default_factory=lambda: defaultdict(int))
    day: dict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))
    year: dict[tuple[int, int, str], int] = field(default_factory=lambda: defaultdict(int))


@dataclass(frozen=True)
class _Rules:
    versions: Mapping[int, RuleVersion]
    terms: Mapping[int, Terms]


class _Newest(NamedTuple):
    """The newest entry of a person for a lesson."""

    number: int
    digest: str
    programme_ms: int


NO_ENTRY = _Newest(0, "", 0)


def verify(report: Report, *, head: tuple[int, str] | None = None) -> Iterator[Fault]:
    """Return what does not fit, in the order of the entries.

    Args:
        report: is filled with what was looked at.
        head: number and hash of an entry, as somebody has kept them outside of this database.
    """
    known = _Rules(
        {one.id: one for one in db.session.scalars(select(RuleVersion))},
        {one.id: one for one in db.session.scalars(select(Terms))},
    )
    yield from _rules(known)
    sums, newest = _Sums(), dict[tuple[str, int], _Newest]()
    for row, stretches in _rows():
        yield from _link(row, report)
        if head is not None and row["id"] == head[0] and row["hash"] != head[1]:
            yield Fault(f"entry {row['id']}", "its hash is not the one that was kept outside: the chain was rewritten")
        if row["kind"] is Kind.EARNED:
            yield from _reckoned(row, stretches, known, sums, report)
            newest[row["live_id"], row["user_id"]] = _Newest(row["id"], row["stretches_digest"], row["programme_ms"])
        if row["proof"] and proofs.digest_now(row["proof"]) != row["proof_digest"]:
            yield Fault(f"entry {row['id']}", "its proof is missing, or is another file")
        for category in (row["category"], TOGETHER):
            sums.year[row["user_id"], chain.year_of(row["earned_ms"]), category] += row["hours_hundredths"]
        report.entries, report.newest = row["id"], row["hash"]
    if head is not None and report.entries < head[0]:
        yield Fault(f"entry {report.entries + 1}", f"is missing, and all that follow up to entry {head[0]}")
    yield from _totals(sums)
    yield from _sources(newest)


def _rules(known: _Rules) -> Iterator[Fault]:
    for version in known.versions.values():
        if version.digest != version.digested():
            yield Fault(f"rule {version.id}", "was altered")
    for terms in known.terms.values():
        if terms.digest != terms.digested():
            yield Fault(f"decision {terms.id} about a lesson", "was altered")


def _rows() -> Iterator[tuple[dict[str, Any], str | None]]:
    columns = list(Entry.__table__.columns)
    last = 0
    while True:
        some = db.session.execute(
            select(*columns, Evidence.stretches)
            .outerjoin(Evidence, Evidence.entry_id == Entry.id)
            .where(Entry.id > last)
            .order_by(Entry.id)
            .limit(AT_ONCE)
        ).all()
        for found in some:
            row = dict(found._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
            stretches = row.pop("stretches")
            yield row, stretches
        if len(some) < AT_ONCE:
            return
        last = some[-1].id


def _link(row: dict[str, Any], report: Report) -> Iterator[Fault]:
    where = f"entry {row['id']}"
    if row["id"] != report.entries + 1:
        yield Fault(f"entry {report.entries + 1}", "is missing")
    elif row["previous"] != report.newest:
        yield Fault(where, "does not follow the entry before it: one of the two was replaced, or entries were swapped")
    if row["hash"] != chain.hash_of(row):
        yield Fault(where, "was altered: its hash does not fit what it says")


def _reckoned(
    row: dict[str, Any], stretches: str | None, known: _Rules, sums: _Sums, report: Report
) -> Iterator[Fault]:
    where, user_id = f"entry {row['id']}", row["user_id"]
    version, terms = known.versions.get(row["rule_id"] or 0), known.terms.get(row["terms_id"] or 0)
    if (version.digest if version else "") != row["rule_digest"]:
        yield Fault(where, f"was computed by another text of rule {row['rule_id']} than the one that is here")
    if (terms.digest if terms else "") != row["terms_digest"]:
        yield Fault(where, f"was computed by another decision {row['terms_id']} than the one that is here")
    if stretches is None:
        report.thinned += 1
        if row["at_ms"] >= keeping.kept_since_ms():
            yield Fault(where, "its stretches are missing, and the time for appeals is not over")
    elif digest_of_stretches(stretches) != row["stretches_digest"]:
        yield Fault(where, "its stretches were altered")
    elif length_ms(_read(stretches)) != row["watched_ms"]:
        yield Fault(where, "its stretches do not add up to what it says was watched")
    day = web.day_of(row["earned_ms"])[0]
    here, alike = (user_id, row["live_id"]), (user_id, row["original_id"])
    facts = Facts(
        watched_ms=row["watched_ms"],
        programme_ms=row["programme_ms"],
        rollcalls_confirmed=row["rollcalls_confirmed"],
        rollcalls_reached=row["rollcalls_reached"],
        earned_here=sums.here[here],
        earned_alike=sums.alike[alike],
        earned_that_day=sums.day[user_id, day],
    )
    hours = adds(rules.rule_of(version), terms.fixed if terms else None, facts)
    if hours != row["hours_hundredths"]:
        said, right = Decimal(row["hours_hundredths"]) / 100, Decimal(hours) / 100
        yield Fault(where, f"says {said} hours, and its stretches and its rule bring {right}")
    for kept, key in ((sums.here, here), (sums.alike, alike)):
        kept[key] += row["hours_hundredths"]
    sums.day[user_id, day] += row["hours_hundredths"]


def _totals(sums: _Sums) -> Iterator[Fault]:
    kept = {
        (row.user_id, row.year, row.category): row.hours_hundredths
        for row in db.session.execute(select(Total.user_id, Total.year, Total.category, Total.hours_hundredths))
    }
    for key in sorted(kept.keys() | sums.year.keys()):
        if kept.get(key, 0) != sums.year.get(key, 0):
            user_id, year, _category = key
            yield Fault(f"total of account {user_id} in {year}", "is not the sum of the entries")


def _sources(newest: Mapping[tuple[str, int], _Newest]) -> Iterator[Fault]:
    """Hold the newest entries against the stretches that are counted now; what came after the closing may be more."""
    since_ms = keeping.kept_since_ms()
    lessons = db.session.scalars(
        select(Closing).where(Closing.closed_ms.is_not(None), Closing.closed_ms >= since_ms).order_by(Closing.live_id)
    ).all()
    by_lesson = {
        live_id: {key[1]: newest[key] for key in keys}
        for live_id, keys in groupby(sorted(newest), key=lambda key: key[0])
    }
    for closing in lessons:
        yield from _source(closing, by_lesson.get(closing.live_id, {}))
        db.session.expire_all()


def _source(closing: Closing, newest: Mapping[int, _Newest]) -> Iterator[Fault]:
    live = db.session.get_one(LiveSession, closing.live_id)
    rule = rules.rule_for(live)
    without_hours = left_out(live, rule)
    programme_ms = length_ms(counting.programme(live))
    through_ms, final = closing.through_ms, closing.final_ms is not None
    rows = {
        row.user_id: row
        for row in db.session.execute(
            select(Watched.user_id, Watched.on_air, Watched.replayed, Watched.seen_ms).where(Watched.live_id == live.id)
        )
    }
    for user_id in sorted(rows.keys() | newest.keys()):
        where = f"account {user_id} in lesson {live.id}"
        if user_id in without_hours and user_id not in newest:
            continue
        row, (number, digest, _) = rows.get(user_id), newest.get(user_id, NO_ENTRY)
        if row is None:
            yield Fault(f"entry {number}", "what it was computed from is not counted any more")
            continue
        now = counted(rule, row.on_air, row.replayed)
        if (final or row.seen_ms <= through_ms) and now and digest_of_stretches(written(now)) != digest:
            what = f"differs from entry {number}" if number else "has no entry"
            yield Fault(where, f"what is counted of it {what}: stretches were altered, or an entry removed")
        elif number:
            evidence = db.session.get(Evidence, number)
            if evidence is not None and any(outside(*one, now) for one in _read(evidence.stretches)):
                yield Fault(where, f"stretches of entry {number} are not counted any more")
    for one in newest.values():
        if one.programme_ms != programme_ms:
            yield Fault(f"entry {one.number}", "the programme of its lesson was altered")
            return


def _read(text: str) -> Stretches:
    try:
        return [(int(start), int(end)) for start, end in json.loads(text)]
    except (ValueError, TypeError):
        return []
