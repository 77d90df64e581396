"""Lists of lessons, always for one person: the live column, one's own, and those of the units that one manages."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import User
from app.extensions import db
from app.kernel import clock, web
from app.kernel.permissions import Permission
from app.live.lifecycle import RUNNING, LiveState
from app.live.models import Audience, Learner, LiveMode, LiveSession, Part, Presenter
from app.live.subjects import key_of
from app.media.models import Stream
from app.roles import policies as roles
from app.units.models import Unit, UnitKind, within

ON_A_SHELF = 12

LONGEST_RUN_MS = 7 * 24 * 3_600_000
"""Nothing that began earlier still runs today, so that only the newest rows are looked at."""


LATE_MS = 5 * 60_000
"""Delay after which a lesson that nobody has begun worries its managers."""


class Tab(StrEnum):
    """Tab of the live column."""

    ALL = "all"
    ON_AIR = "on_air"
    TODAY = "today"
    COMING = "coming"
    REPLAYS = "replays"


class MyTab(StrEnum):
    """Tab of the list of one's own lessons."""

    ALL = "all"
    ON_AIR = "on_air"
    COMING = "coming"
    DRAFTS = "drafts"
    ENDED = "ended"
    CANCELLED = "cancelled"
    SIGNED_UP = "signed_up"
    """Lessons of others for which the person has signed up and that she may still watch."""


@dataclass(frozen=True)
class Totals:
    """A manager's list in numbers."""

    lessons: int
    taught_ms: int
    signed_up: int


def column(
    user: User | None, *, tab: Tab, q: str = "", mode: LiveMode | None = None, unit: Unit | None = None
) -> Select[LiveSession]:
    """Return the lessons that a person may watch now, later or again.

    Args:
        user: the viewer; none for a visitor without an account.
        tab: which of it, and in which order.
        q: part of the subject, or of the name of who teaches or of the unit; empty for all.
        mode: only lessons of this mode.
        unit: only lessons taught in the name of this unit, or beneath it.
    """
    condition, *order = _of_tab(tab)
    wanted = select(LiveSession).join(LiveSession.stream).where(condition, LiveSession.deleted_ms.is_(None))
    wanted = wanted.where(open_now_to(user), LiveSession.draft.is_(False)).order_by(*order, LiveSession.id)
    if q:
        wanted = wanted.where(matches(q))
    if mode is not None:
        wanted = wanted.where(LiveSession.mode == mode)
    if unit is not None:
        wanted = wanted.where(LiveSession.unit_id.in_(select(Unit.id).where(within(unit.path))))
    return wanted.options(joinedload(LiveSession.stream))


def first_ids(user: User | None, most: Mapping[Tab, int]) -> dict[Tab, Sequence[str]]:
    """Return the ids of the first lessons of some tabs, with a query for each.

    The condition for what a person may watch is made once: making it takes longer than reading a tab.

    Args:
        user: the viewer; none for a visitor without an account.
        most: maximum number of lessons by tab.
    """
    is_open, found = open_now_to(user), {}
    for tab, number in most.items():
        condition, *order = _of_tab(tab)
        wanted = select(LiveSession.id).join(LiveSession.stream).where(condition, LiveSession.deleted_ms.is_(None))
        wanted = wanted.where(is_open, LiveSession.draft.is_(False)).order_by(*order, LiveSession.id)
        found[tab] = db.session.scalars(wanted.limit(number)).all()
    return found


def by_ids(live_ids: Collection[str]) -> dict[str, LiveSession]:
    """Return lessons by their ids, with one query for all, without asking who wants them."""
    wanted = select(LiveSession).where(LiveSession.id.in_(live_ids)).options(joinedload(LiveSession.stream))
    return {live.id: live for live in db.session.scalars(wanted)} if live_ids else {}


def shelf(user: User | None, tab: Tab) -> Sequence[LiveSession]:
    """Return the first lessons of a tab, for the front page."""
    return db.session.scalars(column(user, tab=tab).limit(ON_A_SHELF)).all()


def mine(user: User, *, tab: MyTab = MyTab.ALL, q: str = "") -> Select[LiveSession]:
    """Return the lessons that a person has planned, teaches or assists in, or has signed up for."""
    wanted = select(LiveSession).where(LiveSession.deleted_ms.is_(None), LiveSession.rehearses_id.is_(None))
    wanted = wanted.options(joinedload(LiveSession.stream), selectinload(LiveSession.tokens))
    if tab is MyTab.SIGNED_UP:
        places = select(Learner.live_id).where(Learner.user_id == user.id, Learner.signed_up_ms.is_not(None))
        wanted = wanted.where(LiveSession.id.in_(places), LiveSession.draft.is_(False), watchable_by(user))
    else:
        presented = select(Presenter.live_id).where(Presenter.user_id == user.id)
        part = and_(LiveSession.id.in_(presented), LiveSession.draft.is_(False))
        wanted = wanted.where(or_(LiveSession.owner_id == user.id, part), _of_my_tab(tab))
    if q:
        wanted = wanted.where(matches(q))
    return wanted.order_by(*_by_turn(), LiveSession.id)


def managed(
    held: roles.Holdings,
    *,
    q: str = "",
    state: LiveState | None = None,
    unit: Unit | None = None,
    since_ms: int | None = None,
    until_ms: int | None = None,
    newest_first: bool = True,
) -> Select[LiveSession]:
    """Return the lessons of the units whose lessons a person manages. Drafts belong to their planners alone.

    Args:
        held: what the manager holds.
        q: part of the subject, or of the name of who teaches; empty for all.
        state: only lessons in this state.
        unit: only lessons of this unit and beneath.
        since_ms: only lessons that begin then or later (epoch ms).
        until_ms: only lessons that begin earlier (epoch ms).
        newest_first: the order.
    """
    wanted = select(LiveSession).where(
        LiveSession.unit_id.in_(select(Unit.id).where(held.where(Permission.LIVE_MANAGE_UNIT))),
        LiveSession.deleted_ms.is_(None),
        LiveSession.draft.is_(False),
    )
    if q:
        wanted = wanted.where(matches(q))
    if state is not None:
        wanted = wanted.where(LiveSession.state == state)
    if unit is not None:
        wanted = wanted.where(LiveSession.unit_id.in_(select(Unit.id).where(within(unit.path))))
    if since_ms is not None:
        wanted = wanted.where(LiveSession.starts_at_ms >= since_ms)
    if until_ms is not None:
        wanted = wanted.where(LiveSession.starts_at_ms < until_ms)
    order = LiveSession.starts_at_ms.desc() if newest_first else LiveSession.starts_at_ms.asc()
    return wanted.order_by(order, LiveSession.id).options(joinedload(LiveSession.stream))


def kept_by(user: User) -> Select[LiveSession]:
    """Return the lessons that a person has kept and may still watch, last kept first."""
    return (
        select(LiveSession)
        .join(Learner, Learner.live_id == LiveSession.id)
        .where(
            Learner.user_id == user.id,
            Learner.kept_ms.is_not(None),
            LiveSession.deleted_ms.is_(None),
            LiveSession.draft.is_(False),
            or_(watchable_by(user), open_now_to(user)),
        )
        .order_by(Learner.kept_ms.desc(), Learner.id.desc())
        .options(joinedload(LiveSession.stream))
    )


def next_taught(user: User) -> LiveSession | None:
    """Return the lesson that a person teaches now, or next; `None` if none is planned.

    Who has planned a lesson and named nobody teaches it herself.
    """
    named = select(Presenter.live_id).where(Presenter.part == Part.TEACHER)
    nobody_is_named = ~named.where(Presenter.live_id == LiveSession.id).exists()
    hers = and_(LiveSession.owner_id == user.id, nobody_is_named)
    ahead = and_(LiveSession.state == LiveState.SCHEDULED, LiveSession.ends_at_ms > clock.now_ms())
    return db.session.scalar(
        select(LiveSession)
        .where(
            or_(LiveSession.id.in_(named.where(Presenter.user_id == user.id)), hers),
            or_(LiveSession.state.in_(RUNNING), ahead),
            LiveSession.deleted_ms.is_(None),
            LiveSession.draft.is_(False),
        )
        .order_by(LiveSession.starts_at_ms, LiveSession.id)
        .options(joinedload(LiveSession.stream))
        .limit(1)
    )


def today_of(user: User) -> Sequence[LiveSession]:
    """Return the lessons of today in which a person has a part, or for which she has signed up."""
    _since, until = web.day_of(clock.now_ms())
    parts = select(Presenter.live_id).where(Presenter.user_id == user.id)
    places = select(Learner.live_id).where(Learner.user_id == user.id, Learner.signed_up_ms.is_not(None))
    ahead = and_(LiveSession.state == LiveState.SCHEDULED, LiveSession.ends_at_ms > clock.now_ms())
    return db.session.scalars(
        select(LiveSession)
        .where(
            LiveSession.id.in_(parts.union(places)),
            or_(LiveSession.state.in_(RUNNING), ahead),
            LiveSession.starts_at_ms < until,
            LiveSession.deleted_ms.is_(None),
            watchable_by(user),
        )
        .order_by(LiveSession.starts_at_ms, LiveSession.id)
        .options(joinedload(LiveSession.stream))
        .limit(ON_A_SHELF)
    ).all()


def in_trouble(held: roles.Holdings) -> Select[LiveSession]:
    """Return the lessons of one's units whose presenter is away, or that nobody has begun in time."""
    now = clock.now_ms()
    late = and_(LiveSession.starts_at_ms <= now - LATE_MS, LiveSession.ends_at_ms > now)
    return managed(held).where(
        or_(LiveSession.state == LiveState.AWAY, and_(LiveSession.state == LiveState.SCHEDULED, late))
    )


def totals(wanted: Select[LiveSession]) -> Totals:
    """Sum up a list."""
    places = (
        select(func.count())
        .where(Learner.live_id == LiveSession.id, Learner.signed_up_ms.is_not(None))
        .scalar_subquery()
    )
    taught = LiveSession.ended_at_ms - LiveSession.started_at_ms
    columns = (taught.label("taught"), places.label("places"))
    found = wanted.order_by(None).with_only_columns(*columns, maintain_column_froms=True).subquery()
    sums = select(func.count(), func.sum(found.c.taught), func.sum(found.c.places)).select_from(found)
    lessons, taught_ms, signed_up_in_all = db.session.execute(sums).one()
    return Totals(lessons, int(taught_ms or 0), int(signed_up_in_all or 0))


def signed_up(lives: Collection[LiveSession]) -> dict[str, int]:
    """Count for several lessons those who have signed up, with one query."""
    counted = (
        select(Learner.live_id, func.count())
        .where(Learner.live_id.in_([live.id for live in lives]), Learner.signed_up_ms.is_not(None))
        .group_by(Learner.live_id)
    )
    return {live_id: count for live_id, count in db.session.execute(counted)}  # noqa: C416 - rows are no pairs to mypy


def institutes() -> Sequence[tuple[int, str]]:
    """Return the institutes and branches, by name, to choose whose lessons to see."""
    rows = select(Unit.id, Unit.name).where(Unit.kind.in_((UnitKind.INSTITUTE, UnitKind.BRANCH))).order_by(Unit.name)
    return [(unit_id, name) for unit_id, name in db.session.execute(rows)]


def watchable_by(user: User | None) -> ColumnElement[bool]:
    """Return the condition for lessons that a person may watch, by `policies.permissions_of` or a learner token."""
    return _open_to(user, _invited(user))


def open_now_to(user: User | None) -> ColumnElement[bool]:
    """Return the condition for lessons that a person may watch in their present state: the lesson, or its recording."""
    again = LiveSession.state == LiveState.ENDED
    return or_(and_(~again, watchable_by(user)), and_(again, replayable_by(user)))


def replayable_by(user: User | None) -> ColumnElement[bool]:
    """Return the condition for lessons that are over and whose recording a person may watch, by the same policies."""
    shown = and_(LiveSession.replay_audience.is_(None), _invited(user))
    another = LiveSession.replay_audience == Audience.EVERYONE
    if user is not None:
        another = or_(another, LiveSession.replay_audience_unit_id.in_(_above(user)))
    return _open_to(user, and_(LiveSession.replay_hidden.is_(False), or_(shown, another)))


def _open_to(user: User | None, published: ColumnElement[bool]) -> ColumnElement[bool]:
    """Join the condition for published lessons with those that a person presents or manages."""
    if user is None:
        return and_(published, LiveSession.draft.is_(False))
    held = roles.holdings_of(user)
    presented = select(Presenter.live_id).where(Presenter.user_id == user.id)
    presented = presented.join(LiveSession, LiveSession.id == Presenter.live_id).where(LiveSession.owner_id != user.id)
    ways = [and_(or_(published, LiveSession.id.in_(presented)), LiveSession.draft.is_(False))]
    taught = select(Unit.id).where(held.where(Permission.LIVE_MANAGE))
    ways.append(
        and_(LiveSession.owner_id == user.id, or_(LiveSession.state.in_(RUNNING), LiveSession.unit_id.in_(taught)))
    )
    if held.anywhere(Permission.LIVE_MANAGE_UNIT):
        ways.append(LiveSession.unit_id.in_(select(Unit.id).where(held.where(Permission.LIVE_MANAGE_UNIT))))
    return and_(or_(*ways), LiveSession.rehearses_id.is_(None))


def _invited(user: User | None) -> ColumnElement[bool]:
    """Return the condition for lessons to whose audience a person belongs, or whose learner token let her in."""
    for_all = LiveSession.audience == Audience.EVERYONE
    if user is None:
        return for_all
    admitted = select(Learner.live_id).where(Learner.user_id == user.id, Learner.admitted_ms.is_not(None))
    return or_(for_all, LiveSession.audience_unit_id.in_(_above(user)), LiveSession.id.in_(admitted))


def _above(user: User) -> list[int]:
    return [int(part) for part in user.unit.path.strip("/").split("/")]


def _of_tab(tab: Tab) -> tuple[Any, ...]:
    """Return the condition of a tab, and its order."""
    now = clock.now_ms()
    running = LiveSession.state.in_(RUNNING)
    ahead = and_(LiveSession.state == LiveState.SCHEDULED, LiveSession.ends_at_ms > now)
    again = and_(LiveSession.state == LiveState.ENDED, is_recorded())
    match tab:
        case Tab.ON_AIR:
            return running, LiveSession.started_at_ms.desc()
        case Tab.COMING:
            return ahead, LiveSession.starts_at_ms
        case Tab.REPLAYS:
            return again, LiveSession.starts_at_ms.desc()
        case Tab.TODAY:
            since, until = web.day_of(now)
            today = and_(LiveSession.starts_at_ms >= since, or_(ahead, again))
            lately = and_(LiveSession.starts_at_ms >= since - LONGEST_RUN_MS, LiveSession.starts_at_ms < until)
            return and_(lately, or_(running, today)), LiveSession.starts_at_ms
        case Tab.ALL:
            return or_(running, ahead, again), *_by_turn()


def _by_turn() -> tuple[ColumnElement[Any], ...]:
    """Order lessons by turn: on air, then those that come, soonest first, then the past, newest first."""
    ahead = and_(LiveSession.state == LiveState.SCHEDULED, LiveSession.ends_at_ms > clock.now_ms())
    turn = case((LiveSession.state.in_(RUNNING), 0), (ahead, 1), else_=2)
    return turn, case((turn < 2, LiveSession.starts_at_ms)), LiveSession.starts_at_ms.desc()


def _of_my_tab(tab: MyTab) -> ColumnElement[bool]:
    match tab:
        case MyTab.ON_AIR:
            return LiveSession.state.in_(RUNNING)
        case MyTab.COMING:
            return and_(LiveSession.state == LiveState.SCHEDULED, LiveSession.draft.is_(False))
        case MyTab.DRAFTS:
            return and_(LiveSession.state == LiveState.SCHEDULED, LiveSession.draft.is_(True))
        case MyTab.ENDED:
            return LiveSession.state == LiveState.ENDED
        case MyTab.CANCELLED:
            return LiveSession.state == LiveState.CANCELLED
        case _:
            return LiveSession.deleted_ms.is_(None)


def is_recorded() -> ColumnElement[bool]:
    """Return the condition for lessons with a recording, as `LiveSession.has_recording`."""
    begun = and_(Stream.finished.is_(False), cast(Stream.record, String) != "[]")
    is_there = or_(and_(Stream.finished.is_(True), Stream.kept_ms > 0), begun)
    return and_(is_there, LiveSession.recording_binned_ms.is_(None))


def matches(q: str) -> ColumnElement[bool]:
    """Return the condition for lessons that a search finds: by subject, or by the name of who teaches."""
    found = select(User.id).where(User.real_name.contains(q, autoescape=True)).cte("named")  # looked for only once
    named = select(found.c.id)
    taught = select(Presenter.live_id).where(Presenter.part == Part.TEACHER, Presenter.user_id.in_(named))
    units = select(Unit.id).where(Unit.name.contains(q, autoescape=True))
    return or_(
        LiveSession.subject_key.contains(key_of(q), autoescape=True),
        LiveSession.unit_id.in_(units),
        LiveSession.id.in_(taught),
        LiveSession.owner_id.in_(named),
    )
