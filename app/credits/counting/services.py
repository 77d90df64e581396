"""Counting what pages report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import literal, select
from sqlalchemy.dialects import postgresql, sqlite

from app.classroom.engine import frames
from app.classroom.engine.hub import hub
from app.classroom.engine.presence.models import Presence
from app.classroom.rollcall import services as rollcall
from app.credits.counting import daily, events, judging, programme
from app.credits.counting.collecting import Counted, Judged, Report
from app.credits.counting.judging import Lesson, Spending, Tally, Why
from app.credits.counting.models import Pairs, Watched, Watcher
from app.credits.counting.stretches import Stretches, length_ms, tidy
from app.credits.rules.queries import rule_for
from app.credits.rules.rule import ReplayCounts, Rule
from app.extensions import Base, db
from app.kernel.unit_of_work import unit_of_work
from app.live.lifecycle import LiveState
from app.live.models import LiveSession

DAY_MS = 86_400_000

LATE_MS = judging.ALLOWANCE_MS
"""Time after the end of a lesson in which a page may still report what it played while the lesson was on air."""

TEACHING = frozenset({"teacher", "assistant"})


def write(reports: Sequence[Report]) -> list[Counted]:
    """Judge reports in the order in which they arrived, and write what counts, in one transaction.

    A person's rows are held until the commit, so that processes that serve several devices of hers take turns. Her
    other pages in this process are told what is stored afterwards.
    """
    with unit_of_work() as after_commit:
        lessons = {live_id: _Room(live_id) for live_id in {one.seat.live_id for one in reports}}
        spendings = _spendings(reports)
        tallies = _tallies(reports)
        counted: list[Counted] = []
        judged: list[Judged] = []
        grown: dict[tuple[str, str], Counted] = {}
        for report in reports:
            room, who = lessons[report.seat.live_id], (report.seat.live_id, report.user_id)
            if room.is_rehearsal or (report.seat.part in TEACHING and not room.rule.teachers_too):
                counted.append(Counted(0, Why.TEACHES, []))
                continue
            tally = tallies.setdefault(who, Tally(report.at_ms, report.at_ms))
            before = tidy([*tally.on_air, *tally.replayed])
            why = _judge(report, room, spendings[report.user_id], tally)
            stretches = tidy([*tally.on_air, *tally.replayed])
            counted.append(Counted(length_ms(stretches), why, stretches))
            judged.append(Judged(report, room.on_air, before))
            if counted[-1].watched_ms > length_ms(before):
                grown[who[0], report.seat.person.key] = counted[-1]
        _upsert(Watcher, ["user_id"], [_spending_row(*one) for one in sorted(spendings.items())])
        _upsert(Watched, ["live_id", "user_id"], [_tally_row(*who, tallies[who]) for who in sorted(tallies)])
        events.judged.send(judged)
        after_commit(lambda: _tell(grown))
        return _limited(reports, counted, lessons)


def _limited(reports: Sequence[Report], counted: list[Counted], rooms: Mapping[str, _Room]) -> list[Counted]:
    """Inform people who have reached a day's maximum that more watching brings no more hours today."""
    for live_id, room in rooms.items():
        if room.rule.most_per_day is None:
            continue
        its = {one.user_id for one in reports if one.seat.live_id == live_id}
        full = daily.reached(its, room.rule.most_per_day, max(one.at_ms for one in reports))
        counted = [
            replace(one, why=one.why or Why.LIMIT) if report.seat.live_id == live_id and report.user_id in full else one
            for report, one in zip(reports, counted, strict=True)
        ]
    return counted


def plan_checks(live_id: str) -> None:
    """Hear that a lesson has changed: when it begins, the presence checks that its rule demands are planned."""
    live = db.session.get(LiveSession, live_id)
    if live is not None and live.state is LiveState.ON_AIR and (per_hour := rule_for(live).checks_per_hour):
        rollcall.plan_checks(live, per_hour)


class _Room:
    """A lesson as reports about it are judged."""

    def __init__(self, live_id: str) -> None:
        live = db.session.get_one(LiveSession, live_id)
        self.rule: Rule = rule_for(live)
        self.on_air = Lesson(live.id, programme.programme(live), self.rule.most_speed, is_replay=False)
        self.replay = replace(self.on_air, is_replay=True)
        self.is_over = live.state is LiveState.ENDED
        self.is_rehearsal = live.rehearses_id is not None
        self.ended_ms = live.ended_at_ms or 0

    def counts_replay(self, now_ms: int) -> bool:
        """Return whether watching the replay counts at a moment."""
        match self.rule.replay:
            case ReplayCounts.FULLY:
                return True
            case ReplayCounts.FOR_DAYS:
                return now_ms < self.ended_ms + self.rule.replay_days * DAY_MS
            case ReplayCounts.NO:
                return False


def _judge(report: Report, room: _Room, spending: Spending, tally: Tally) -> Why:
    is_replay = room.is_over and not _was_there(report, room)
    lesson = room.replay if is_replay else room.on_air
    if is_replay and not room.counts_replay(report.at_ms):
        judging.judge((), report.at_ms, lesson, spending, tally)
        return Why.NO_REPLAY
    return judging.judge(report.pieces, report.at_ms, lesson, spending, tally)


def _was_there(report: Report, room: _Room) -> bool:
    """Return whether a report about a lesson that has just ended comes from a page that was in its room until then."""
    if report.at_ms > room.ended_ms + LATE_MS:
        return False
    seen = db.session.get(Presence, (report.seat.live_id, report.seat.person.key))
    return seen is not None and seen.seen_ms > room.ended_ms - LATE_MS


def _spendings(reports: Sequence[Report]) -> dict[int, Spending]:
    """Read how much of their time people have used up. A new person is written first, so that her row can be locked."""
    first = {report.user_id: judging.first_spending(report.at_ms) for report in reversed(reports)}
    found = _held(first)
    new = [_spending_row(user_id, first[user_id]) for user_id in sorted(first.keys() - found.keys())]
    if new:
        db.session.execute(_insert(Watcher).on_conflict_do_nothing(), new)
        found |= _held(row["user_id"] for row in new)
    return found


def _held(ids: Iterable[int]) -> dict[int, Spending]:
    columns = select(Watcher.user_id, Watcher.spent_ms, Watcher.seen_ms, Watcher.live_id)
    wanted = columns.where(Watcher.user_id.in_(list(ids))).order_by(Watcher.user_id).with_for_update()
    return {row[0]: Spending(row[1], row[2], row[3]) for row in db.session.execute(wanted)}


def _tallies(reports: Sequence[Report]) -> dict[tuple[str, int], Tally]:
    table = Watched.__table__.c
    wanted = select(*table).where(
        table.live_id.in_({one.seat.live_id for one in reports}), table.user_id.in_({one.user_id for one in reports})
    )
    return {
        (row.live_id, row.user_id): Tally(
            row.came_ms,
            row.seen_ms,
            _stretches(row.on_air),
            _stretches(row.replayed),
            row.muted_ms,
            row.hidden_ms,
            row.apart_ms,
        )
        for row in db.session.execute(wanted)
    }


def _stretches(pairs: Pairs) -> Stretches:
    return [(one[0], one[1]) for one in pairs]


def _spending_row(user_id: int, spending: Spending) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "spent_ms": spending.spent_ms,
        "seen_ms": spending.seen_ms,
        "live_id": spending.live_id,
    }


def _tally_row(live_id: str, user_id: int, tally: Tally) -> dict[str, Any]:
    return {
        "live_id": live_id,
        "user_id": user_id,
        "came_ms": tally.came_ms,
        "seen_ms": tally.seen_ms,
        "on_air": tally.on_air,
        "replayed": tally.replayed,
        "on_air_ms": length_ms(tally.on_air),
        "replayed_ms": length_ms(tally.replayed),
        "muted_ms": tally.muted_ms,
        "hidden_ms": tally.hidden_ms,
        "apart_ms": tally.apart_ms,
    }


def _upsert(model: type[Base], key: list[str], rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    insert = _insert(model)
    changed = {name: insert.excluded[name] for name in rows[0] if name not in key}
    written = insert.on_conflict_do_update(index_elements=key, set_=changed)
    if db.engine.dialect.name == "postgresql":
        written = written.returning(literal(1))  # so all rows go as one statement; else one is planned for each
    db.session.execute(written, rows)


def _insert(model: type[Base]) -> Any:
    return (postgresql if db.engine.dialect.name == "postgresql" else sqlite).insert(model)


def _tell(grown: Mapping[tuple[str, str], Counted]) -> None:
    """Send what is stored to people who have several pages of a lesson open, by lesson and key of the person."""
    rooms: dict[str, dict[str, bytes]] = {}
    for (live_id, key), one in grown.items():
        if hub().pages_of(live_id, key) > 1:
            data = {"watched_ms": one.watched_ms, "stretches": one.stretches}
            rooms.setdefault(live_id, {})[key] = frames.told("credits.counted", data)
    for live_id, wires in rooms.items():
        hub().tell_each(live_id, wires)
