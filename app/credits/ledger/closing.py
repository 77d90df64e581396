"""Closing lessons: entries for what people watched, when the lesson is over and when its replay counts no more.

Closing may be killed and may run twice: a person who has an entry made of the same stretches gets no second one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import case, func, or_, select

from app.accounts.models import User
from app.classroom.rollcall import queries as rollcalls
from app.credits.counting import queries as counting
from app.credits.counting.models import Watched
from app.credits.counting.stretches import Stretches, length_ms, tidy
from app.credits.ledger import chain
from app.credits.ledger.models import Closing, Entry, Kind
from app.credits.ledger.reckoning import Facts, adds, digest_of_stretches, written
from app.credits.rules import queries as rules
from app.credits.rules.models import RuleVersion, Terms
from app.credits.rules.rule import ReplayCounts, Rule
from app.extensions import db
from app.kernel import clock, web
from app.kernel.unit_of_work import unit_of_work
from app.live.lifecycle import LiveState
from app.live.models import LiveSession, Part
from app.media.models import Stream
from app.units import queries as units

AT_ONCE = 500
"""People whose entries are written in one transaction, which others wait for."""

DAY_MS = 86_400_000
HOUR_MS = 3_600_000

WITHOUT_MEDIA_MS = HOUR_MS
"""After the end of a lesson its media are closed within seconds; one whose worker is lost is closed without them."""

QUIET_MS = 30 * 60_000
"""Silence after which somebody is taken to have stopped watching a replay: one entry for one sitting."""

LATE_MS = 10_000
"""A report that is being written while a lesson is closed has a moment that lies at most so far back."""

AFTERWARDS_MS = DAY_MS
"""Delay after which a lesson whose replay does not count is closed for good: late reports are in by then."""


@dataclass(frozen=True)
class _Lesson:
    """Fields that all entries of a lesson share."""

    live: LiveSession
    version: RuleVersion | None
    terms: Terms | None
    rule: Rule
    programme: Stretches
    called: dict[int, tuple[int, int]]
    """Roll-calls that reached a person, and those of them that she confirmed."""
    left_out: frozenset[int]
    """Teachers and assistants, unless the rule gives them hours (讲课学时)."""


@dataclass(frozen=True)
class _Person:
    """One person with the stretches that she watched."""

    user_id: int
    stretches: Stretches
    seen_ms: int


def open_for(live_id: str) -> None:
    """Hear that a lesson is over: it is to be closed. A rehearsal counts for nobody."""
    with unit_of_work():
        live = db.session.get(LiveSession, live_id)
        is_rehearsal = live is not None and live.rehearses_id is not None
        if not is_rehearsal and db.session.get(Closing, live_id) is None:
            db.session.add(Closing(live_id=live_id))


def open_forgotten() -> None:
    """Open the closing of lessons whose end nobody heard, as when the process was killed just then."""
    forgotten = (
        select(LiveSession.id)
        .outerjoin(Closing, Closing.live_id == LiveSession.id)
        .where(LiveSession.state == LiveState.ENDED, LiveSession.rehearses_id.is_(None), Closing.live_id.is_(None))
    )
    for live_id in db.session.scalars(forgotten).all():
        open_for(live_id)


def due(now_ms: int) -> Sequence[str]:
    """Name the lessons that are over and whose media are closed, and that are not closed yet."""
    patience_ms = current_app.config["CREDITS_CLOSE_AFTER_S"] * 1000
    return db.session.scalars(
        select(Closing.live_id)
        .join(LiveSession, LiveSession.id == Closing.live_id)
        .join(Stream, Stream.id == LiveSession.stream_id)
        .where(
            Closing.closed_ms.is_(None),
            LiveSession.ended_at_ms <= now_ms - patience_ms,
            or_(Stream.finished, LiveSession.ended_at_ms <= now_ms - WITHOUT_MEDIA_MS),
        )
    ).all()


def replayed(now_ms: int) -> Sequence[str]:
    """Name the closed lessons of whose replay something new was watched, or whose replay counts no more."""
    fresh = (
        select(Watched.live_id).where(Watched.live_id == Closing.live_id, Watched.seen_ms > Closing.through_ms).exists()
    )
    rows = db.session.execute(
        select(Closing.live_id, fresh)
        .where(Closing.closed_ms.is_not(None), Closing.final_ms.is_(None))
        .order_by(Closing.opened_ms)
    ).all()
    lives = {
        live.id: live
        for start in range(0, len(rows), AT_ONCE)
        for live in db.session.scalars(
            select(LiveSession).where(LiveSession.id.in_([row[0] for row in rows[start : start + AT_ONCE]]))
        )
    }
    held = rules.rules_for(list(lives.values()))
    return [
        live_id for live_id, new in rows if new or now_ms >= (_ends_ms(lives[live_id], held[live_id]) or now_ms + 1)
    ]


def counts_until_ms(live: LiveSession, rule: Rule) -> int | None:
    """Return until when (epoch ms) watching a lesson that is over counts; `None` means without an end."""
    assert live.ended_at_ms is not None
    match rule.replay:
        case ReplayCounts.NO:
            return live.ended_at_ms
        case ReplayCounts.FOR_DAYS:
            return live.ended_at_ms + rule.replay_days * DAY_MS
        case ReplayCounts.FULLY:
            return None


def _ends_ms(live: LiveSession, rule: Rule) -> int | None:
    """Return when a lesson is closed for good: late reports are in by then."""
    until = counts_until_ms(live, rule)
    return None if until is None else until + AFTERWARDS_MS


def close(live_id: str, *, quiet_ms: int = QUIET_MS) -> int:
    """Write entries for what people watched of a lesson and is not in the ledger yet; return how many.

    Entries are not changed: watching more brings an additional one. While a replay counts, people who have reported
    within `quiet_ms` are perhaps still watching it, and are left for later.
    """
    live = db.session.get(LiveSession, live_id, populate_existing=True)
    closing = db.session.get(Closing, live_id, populate_existing=True)
    if live is None or closing is None or live.state is not LiveState.ENDED or closing.final_ms is not None:
        return 0
    now = clock.now_ms()
    is_first = closing.closed_ms is None
    lesson = _lesson(live)
    ends_ms = _ends_ms(live, lesson.rule)
    is_final = not is_first and ends_ms is not None and now >= ends_ms
    everybody = is_first or is_final or not quiet_ms
    through = now - (LATE_MS if everybody else quiet_ms)
    since = 0 if is_first or is_final else closing.through_ms
    people = list(_people(lesson, since, None if everybody else through))
    count = 0
    for start in range(0, len(people), AT_ONCE):
        count += _write(lesson, people[start : start + AT_ONCE], is_first=is_first)
    with unit_of_work():
        closing = db.session.get_one(Closing, live_id, populate_existing=True)
        closing.closed_ms = closing.closed_ms or now
        closing.through_ms = max(closing.through_ms, through)
        closing.final_ms = now if is_final else None
    return count


def _lesson(live: LiveSession) -> _Lesson:
    version, terms = rules.version_for(live), rules.terms_for(live.id)
    rule = rules.rule_of(version)
    return _Lesson(
        live=live,
        version=version,
        terms=terms,
        rule=rule,
        programme=counting.programme(live),
        called=rollcalls.attendance(live.id),
        left_out=left_out(live, rule),
    )


def left_out(live: LiveSession, rule: Rule) -> frozenset[int]:
    """Return those who teach and assist in a lesson, unless the rule gives them hours as well."""
    if rule.teachers_too:
        return frozenset()
    teachers = [user.id for user in live.people_of(Part.TEACHER)] or [live.owner_id]
    return frozenset([*teachers, *(user.id for user in live.people_of(Part.ASSISTANT))])


def _people(lesson: _Lesson, since_ms: int, until_ms: int | None) -> Iterator[_Person]:
    """Return what people watched whose newest report came after `since_ms`, and not after `until_ms`."""
    wanted = select(Watched.user_id, Watched.on_air, Watched.replayed, Watched.seen_ms).where(
        Watched.live_id == lesson.live.id, Watched.seen_ms > since_ms
    )
    if until_ms is not None:
        wanted = wanted.where(Watched.seen_ms <= until_ms)
    for user_id, on_air, again, seen_ms in db.session.execute(wanted.order_by(Watched.user_id)):
        stretches = counted(lesson.rule, on_air, again)
        if stretches and user_id not in lesson.left_out:
            yield _Person(user_id, stretches, seen_ms)


def counted(rule: Rule, on_air: Sequence[Sequence[int]], again: Sequence[Sequence[int]]) -> Stretches:
    """Return the stretches that count, of those that somebody watched on air and in the replay."""
    return tidy(on_air) if rule.replay is ReplayCounts.NO else tidy([*on_air, *again])


def _write(lesson: _Lesson, people: Sequence[_Person], *, is_first: bool) -> int:
    """Write the entries of some people, as far as they have none of the same stretches."""
    ids = [one.user_id for one in people]
    with unit_of_work():
        chain.hold()  # what was earned before must not change between reading and writing
        known = _known(lesson.live.id, ids)
        fresh = [one for one in people if known.get(one.user_id) != digest_of_stretches(written(one.stretches))]
        if not fresh:
            return 0
        ended_ms, now = lesson.live.ended_at_ms or 0, clock.now_ms()
        days = {one.user_id: ended_ms if is_first else min(one.seen_ms, now) for one in fresh}
        here, alike = _earned(lesson.live, ids)
        that_day, who = _earned_that_day(days), _named(ids)
        programme_ms = length_ms(lesson.programme)

        def facts(one: _Person) -> Facts:
            reached, confirmed = lesson.called.get(one.user_id, (0, 0))
            return Facts(
                watched_ms=length_ms(one.stretches),
                programme_ms=programme_ms,
                rollcalls_confirmed=confirmed,
                rollcalls_reached=reached,
                earned_here=here.get(one.user_id, 0),
                earned_alike=alike.get(one.user_id, 0),
                earned_that_day=that_day.get(one.user_id, 0),
            )

        drafts = [_draft(lesson, one, who[one.user_id], days[one.user_id], facts(one)) for one in fresh]
        chain.append(drafts)
    return len(drafts)


def _draft(lesson: _Lesson, person: _Person, named: dict[str, Any], day_ms: int, facts: Facts) -> chain.Draft:
    live, terms = lesson.live, lesson.terms
    text = written(person.stretches)
    return {
        **named,
        "kind": Kind.EARNED,
        "user_id": person.user_id,
        "live_id": live.id,
        "original_id": live.original_id or live.id,
        "title": live.subject,
        "category": terms.category if terms else "",
        "earned_ms": day_ms,
        "hours_hundredths": adds(lesson.rule, terms.fixed if terms else None, facts),
        "watched_ms": facts.watched_ms,
        "programme_ms": facts.programme_ms,
        "rollcalls_confirmed": facts.rollcalls_confirmed,
        "rollcalls_reached": facts.rollcalls_reached,
        "rule_id": lesson.version.id if lesson.version else None,
        "rule_digest": lesson.version.digest if lesson.version else "",
        "terms_id": terms.id if terms else None,
        "terms_digest": terms.digest if terms else "",
        "stretches_digest": digest_of_stretches(text),
        "stretches": text,
    }


def _known(live_id: str, ids: Collection[int]) -> dict[int, str]:
    """Return of which stretches the newest entry of each person was made."""
    newest = (
        select(func.max(Entry.id))
        .where(Entry.live_id == live_id, Entry.user_id.in_(ids), Entry.kind == Kind.EARNED)
        .group_by(Entry.user_id)
    )
    rows = db.session.execute(select(Entry.user_id, Entry.stretches_digest).where(Entry.id.in_(newest)))
    return {user_id: digest for user_id, digest in rows}  # noqa: C416 - rows are no pairs to mypy


def _earned(live: LiveSession, ids: Collection[int]) -> tuple[dict[int, int], dict[int, int]]:
    """Return what people have earned by a lesson, and by it and its copies."""
    mine = func.sum(case((Entry.live_id == live.id, Entry.hours_hundredths), else_=0))
    rows = db.session.execute(
        select(Entry.user_id, mine, func.sum(Entry.hours_hundredths))
        .where(Entry.original_id == (live.original_id or live.id), Entry.user_id.in_(ids), Entry.kind == Kind.EARNED)
        .group_by(Entry.user_id)
    ).all()
    return {row[0]: int(row[1]) for row in rows}, {row[0]: int(row[2]) for row in rows}


def _earned_that_day(days: dict[int, int]) -> dict[int, int]:
    """Return what people have earned on the day of a moment each (epoch ms)."""
    by_day: dict[tuple[int, int], list[int]] = defaultdict(list)
    for user_id, moment_ms in days.items():
        by_day[web.day_of(moment_ms)].append(user_id)
    found: dict[int, int] = {}
    for (since, until), ids in by_day.items():
        rows = db.session.execute(
            select(Entry.user_id, func.sum(Entry.hours_hundredths))
            .where(
                Entry.user_id.in_(ids),
                Entry.earned_ms >= since,
                Entry.earned_ms < until,
                Entry.kind == Kind.EARNED,
            )
            .group_by(Entry.user_id)
        )
        found.update({user_id: int(hours) for user_id, hours in rows})
    return found


def _named(ids: Collection[int]) -> dict[int, dict[str, Any]]:
    users = db.session.scalars(select(User).where(User.id.in_(ids))).all()
    return named(users)


def named(users: Sequence[User]) -> dict[int, dict[str, Any]]:
    """Return the columns of an entry that say who somebody is now, by the id of her account."""
    belongs = {user.unit_id: user.unit for user in users}
    names = units.full_names(list(belongs.values()))
    return {
        user.id: {
            "name": user.real_name,
            "staff_number": user.staff_number or "",
            "unit_id": user.unit_id,
            "unit_name": names[user.unit_id],
        }
        for user in users
    }


def mark_asked(live_ids: Collection[str], now_ms: int) -> list[str]:
    """Claim lessons that are to be closed, so that none is queued again within a minute."""
    claimed = []
    with unit_of_work():
        for live_id in live_ids:
            closing = db.session.get_one(Closing, live_id)
            if closing.asked_ms <= now_ms - 60_000:
                closing.asked_ms = now_ms
                claimed.append(live_id)
    return claimed
