"""Queries of managers, always within their reach: people with their hours, and the viewers of a lesson."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, union
from sqlalchemy.orm import selectinload

from app.accounts import queries as accounts
from app.accounts.models import User
from app.audit.models import Action, AuditEntry
from app.credits.ledger.models import TOGETHER, Closing, Entry, Evidence, Kind, Total
from app.credits.reports import targets
from app.credits.reports.targets import ALL, Targets
from app.extensions import db
from app.kernel import clock
from app.kernel.permissions import Permission
from app.live.models import Learner, LiveSession
from app.notices.models import Invited
from app.roles import policies
from app.roles.policies import Holdings
from app.units import queries as units
from app.units.models import Unit, within

REACH = Permission.CREDIT_VIEW_UNIT


@dataclass(frozen=True)
class Viewer:
    """One person's entries of one lesson, together."""

    user_id: int
    name: str
    staff_number: str
    unit_id: int
    unit: str
    watched_ms: int
    programme_ms: int
    hours: Decimal
    rollcalls: str
    newest_id: int
    """Her newest entry that was made of stretches; 0 where there is none."""
    first_id: int


@dataclass(frozen=True)
class Department:
    """A unit among its siblings."""

    unit_id: int
    name: str
    people: int
    hours: Decimal
    reached: int
    """People who have reached their target of the year; 0 where there is none."""

    @property
    def mean(self) -> Decimal:
        """Learning hours of one person on average."""
        return (self.hours / self.people).quantize(Decimal("0.01")) if self.people else Decimal(0)


def person_for(user_id: int, permission: Permission) -> User:
    """Load a person of a unit in which the person of this request holds a permission; closed accounts too.

    Raises:
        SignInFirst, Forbidden, NotFound: as in `policies.unit_for`.
    """
    user = db.session.get(User, user_id)
    policies.must_cover(permission, user.unit.path if user else None)
    assert user is not None
    return user


def entry_for(entry_id: int, permission: Permission) -> Entry:
    """Load an entry of such a person; refuses as `person_for`."""
    entry = db.session.get(Entry, entry_id)
    if entry is None:
        policies.must_cover(permission, None)
    assert entry is not None
    person_for(entry.user_id, permission)
    return entry


def people(unit: Unit, year: int, *, q: str = "", lacking: bool = False) -> Select[User]:
    """Return the people of a unit and beneath, by name.

    Args:
        unit: where.
        year: in which `lacking` is judged.
        q: part of a real name, or the beginning of a user name, staff number or e-mail; empty for all.
        lacking: only those who have not reached a target of theirs.
    """
    wanted = select(User).where(User.closed_ms.is_(None))
    if unit.parent_id is not None:  # everybody is of the academy, and its list goes by the index of names
        wanted = wanted.where(User.unit_id.in_(select(Unit.id).where(within(unit.path))))
    if q:
        wanted = wanted.where(accounts.matches(q))
    if lacking:
        wanted = wanted.where(_lacks(unit, year))
    return wanted.order_by(User.real_name, User.id).options(selectinload(User.unit))


def targets_beneath(unit: Unit, year: int) -> dict[int, Targets]:
    """Return the targets that hold in a unit and in each beneath, by its id."""
    paths = db.session.execute(select(Unit.id, Unit.path).where(within(unit.path))).all()
    known = targets.known_above([path for _unit_id, path in paths] or [unit.path], year)
    return {unit_id: targets.of_path(path, known) for unit_id, path in paths}


def _lacks(unit: Unit, year: int) -> ColumnElement[bool]:
    """Return the condition for people who have not reached a target. Equal targets are judged together."""
    groups: dict[tuple[tuple[str, Decimal], ...], list[int]] = defaultdict(list)
    for unit_id, wanted in targets_beneath(unit, year).items():
        groups[tuple(sorted(wanted.items()))].append(unit_id)
    ways = [
        and_(User.unit_id.in_(ids) if len(groups) > 1 else User.id.is_not(None), or_(*_short_of(dict(wanted), year)))
        for wanted, ids in groups.items()
        if wanted
    ]
    return or_(false(), *ways)


def _short_of(wanted: Targets, year: int) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for category, hours in wanted.items():
        reached = select(Total.user_id).where(
            Total.year == year,
            Total.category == (TOGETHER if category == ALL else category),
            Total.hours_hundredths >= int(hours * 100),
        )
        conditions.append(User.id.not_in(reached))
    return conditions


def departments(unit: Unit, year: int) -> list[Department]:
    """Compare the units directly beneath one, each with everything beneath it, by their hours a head."""
    paths = dict(db.session.execute(select(Unit.id, Unit.path).where(within(unit.path))).all())
    heads, hours, reached = _heads(unit), _hours(unit, year), _reached(unit, year)
    found = []
    for one in units.beneath(unit.path):
        if one.parent_id == unit.id:
            ids = [unit_id for unit_id, path in paths.items() if path.startswith(one.path)]
            total = sum(hours.get(unit_id, 0) for unit_id in ids)
            found.append(
                Department(
                    unit_id=one.id,
                    name=one.name,
                    people=sum(heads.get(unit_id, 0) for unit_id in ids),
                    hours=Decimal(total) / 100,
                    reached=sum(reached.get(unit_id, 0) for unit_id in ids),
                )
            )
    return sorted(found, key=lambda one: (-one.mean, one.name))


def _heads(unit: Unit) -> dict[int, int]:
    """Return how many people belong to each of the units at and beneath one, by its id."""
    rows = db.session.execute(select(User.unit_id, func.count()).where(*_open_beneath(unit)).group_by(User.unit_id))
    return {unit_id: count for unit_id, count in rows}  # noqa: C416 - rows are no pairs to mypy


def _hours(unit: Unit, year: int) -> dict[int, int]:
    """Return the hundredths of hours that the people of each have together."""
    rows = db.session.execute(
        select(User.unit_id, func.sum(Total.hours_hundredths))
        .select_from(Total)
        .join(User, User.id == Total.user_id)
        .where(Total.year == year, Total.category == TOGETHER, *_open_beneath(unit))
        .group_by(User.unit_id)
    )
    return {unit_id: int(total) for unit_id, total in rows}


def _reached(unit: Unit, year: int) -> dict[int, int]:
    """Return how many people of each have reached the target of all categories together."""
    by_goal: dict[Decimal, list[int]] = defaultdict(list)
    for unit_id, wanted in targets_beneath(unit, year).items():
        if ALL in wanted:
            by_goal[wanted[ALL]].append(unit_id)
    found: dict[int, int] = {}
    for goal, unit_ids in by_goal.items():
        rows = db.session.execute(
            select(User.unit_id, func.count())
            .select_from(Total)
            .join(User, User.id == Total.user_id)
            .where(
                Total.year == year,
                Total.category == TOGETHER,
                Total.hours_hundredths >= int(goal * 100),
                User.unit_id.in_(unit_ids),
                User.closed_ms.is_(None),
            )
            .group_by(User.unit_id)
        )
        found.update({unit_id: count for unit_id, count in rows})  # noqa: C416 - rows are no pairs to mypy
    return found


def _open_beneath(unit: Unit) -> tuple[ColumnElement[bool], ...]:
    return User.unit_id.in_(select(Unit.id).where(within(unit.path))), User.closed_ms.is_(None)


def lacking_people(unit: Unit, year: int) -> Sequence[User]:
    """Return those of a unit and beneath who have not reached a target and have an e-mail address."""
    return db.session.scalars(people(unit, year, lacking=True).where(User.email.is_not(None))).all()


def reminded_lately(unit: Unit, within_ms: int) -> bool:
    """Return whether the people of a unit were reminded lately."""
    lately = select(AuditEntry.id).where(
        AuditEntry.action == Action.CREDIT_REMINDED,
        AuditEntry.unit_id == unit.id,
        AuditEntry.at_ms > clock.now_ms() - within_ms,
    )
    return db.session.scalar(lately.limit(1)) is not None


def viewers(live: LiveSession, held: Holdings) -> list[Viewer]:
    """Return who has entries of a lesson, of the people within reach, by name."""
    rows = db.session.execute(
        select(
            Entry.user_id, Entry.id, Entry.kind, Entry.name, Entry.staff_number, Entry.unit_id, Entry.unit_name,
            Entry.watched_ms, Entry.programme_ms, Entry.hours_hundredths, Entry.rollcalls_confirmed,
            Entry.rollcalls_reached,
        )
        .join(User, User.id == Entry.user_id)
        .join(Unit, Unit.id == User.unit_id)
        .where(Entry.live_id == live.id, held.where(REACH))
        .order_by(Entry.user_id, Entry.id)
    ).all()  # fmt: skip
    found: dict[int, Viewer] = {}
    for row in rows:
        known = found.get(row.user_id)
        is_made = row.kind is Kind.EARNED
        basis = row if is_made or known is None else None
        found[row.user_id] = Viewer(
            user_id=row.user_id,
            name=row.name,
            staff_number=row.staff_number,
            unit_id=row.unit_id,
            unit=row.unit_name,
            watched_ms=basis.watched_ms if basis else known.watched_ms if known else 0,
            programme_ms=basis.programme_ms if basis else known.programme_ms if known else 0,
            hours=(known.hours if known else Decimal(0)) + Decimal(row.hours_hundredths) / 100,
            rollcalls=f"{basis.rollcalls_confirmed}/{basis.rollcalls_reached}" if basis and basis.rollcalls_reached
            else known.rollcalls if known else "",
            newest_id=row.id if is_made else known.newest_id if known else 0,
            first_id=known.first_id if known else row.id,
        )  # fmt: skip
    return sorted(found.values(), key=lambda one: (one.name, one.user_id))


def stretches_of(entry_ids: Collection[int]) -> dict[int, list[tuple[int, int]]]:
    """Return the stretches of entries, as far as they are kept, by the entries' numbers."""
    found: dict[int, list[tuple[int, int]]] = {}
    ids = list(entry_ids)
    for start in range(0, len(ids), 500):
        wanted = select(Evidence.entry_id, Evidence.stretches).where(Evidence.entry_id.in_(ids[start : start + 500]))
        found.update({number: json.loads(text) for number, text in db.session.execute(wanted)})
    return found


def absent(live: LiveSession, held: Holdings) -> Sequence[User]:
    """Return those within reach who were invited or had signed up, and have no entry of the lesson."""
    expected = union(  # one list of ids: two conditions with `or` have PostgreSQL look at each account
        select(Invited.user_id).where(Invited.live_id == live.id),
        select(Learner.user_id).where(Learner.live_id == live.id, Learner.signed_up_ms.is_not(None)),
    )
    came = select(Entry.user_id).where(Entry.live_id == live.id)
    return db.session.scalars(
        select(User)
        .join(Unit, Unit.id == User.unit_id)
        .where(User.id.in_(expected), User.id.not_in(came), held.where(REACH))
        .order_by(User.real_name, User.id)
    ).all()


def closed_lessons(held: Holdings, *, q: str = "") -> Select[LiveSession]:
    """Return the closed lessons of which people within reach have entries, the newest first."""
    wanted = (
        select(LiveSession)
        .join(Closing, Closing.live_id == LiveSession.id)
        .where(LiveSession.deleted_ms.is_(None), Closing.closed_ms.is_not(None))
    )
    if not held.covers(REACH, units.academy().path):
        reach = select(Unit.id).where(held.where(REACH))
        seen = select(Entry.live_id).join(User, User.id == Entry.user_id).where(User.unit_id.in_(reach))
        wanted = wanted.where(LiveSession.id.in_(seen))
    if q:
        wanted = wanted.where(LiveSession.subject.contains(q, autoescape=True))
    return wanted.order_by(LiveSession.ended_at_ms.desc(), LiveSession.id)
