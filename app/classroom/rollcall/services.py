"""Calling the roll, now or at moments that nobody can foresee, and saying that one is here."""

from __future__ import annotations

import threading
from collections.abc import Collection
from typing import Any, cast

from flask import request
from sqlalchemy import CursorResult, func, insert, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from app.accounts.models import User
from app.classroom.engine.commands import Call
from app.classroom.engine.presence import queries as people
from app.classroom.engine.presence.models import Presence
from app.classroom.rollcall import errors, kinds, planning, queries
from app.classroom.rollcall.models import Called, Confirmation, Outcome, RollCall
from app.extensions import db
from app.kernel import clock, pulse
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.lifecycle import LiveState
from app.live.models import LiveSession
from app.timeline import services as timeline

HOUR_MS = 3_600_000

_in_line = threading.Lock()
"""A database with one writer lets the others sleep for a while; thousands who confirm at once are quicker in line."""


def start(call: Call, length_s: int) -> RollCall:
    """Call the roll now; whoever learns here, with an account, is called.

    Args:
        call: by a presenter.
        length_s: so long one may confirm; the nearest of planning.LENGTHS_S is taken.

    Raises:
        NotOnAir: nobody is being taught at the moment.
        AlreadyRunning: one at a time.
    """
    with unit_of_work():
        lock(call.live)
        if call.live.state is not LiveState.ON_AIR:
            raise errors.NotOnAir
        if queries.running(call.live.id) is not None:
            raise errors.AlreadyRunning
        roll = RollCall(live_id=call.live.id, by_id=call.person.user_id, length_s=_nearest(length_s))
        db.session.add(roll)
        _begin(call.live, roll)
    return roll


def plan(call: Call, count: int, length_s: int) -> None:
    """Have the roll called so many times at random moments of the rest of the lesson, instead of what was planned.

    Raises:
        NotOnAir: the lecture has not begun, or is over.
        NoRoom: the rest of the lesson is too short for so many.
    """
    count, length_s = max(1, min(count, planning.MOST_PLANNED)), _nearest(length_s)
    with unit_of_work():
        lock(call.live)
        if not call.live.is_running:
            raise errors.NotOnAir
        now = clock.now_ms()
        room = planning.room_for(now, call.live.ends_at_ms, length_s)
        if count > room:
            raise errors.NoRoom(room)
        _drop(queries.planned_by_hand(call.live.id))
        for due_ms in planning.draw(now, call.live.ends_at_ms, length_s, count):
            db.session.add(RollCall(live_id=call.live.id, by_id=call.person.user_id, length_s=length_s, due_ms=due_ms))
        _announce_plan(call.live.id, call.person.user_id)


def plan_checks(live: LiveSession, per_hour: int) -> None:
    """Have the roll called at random moments because a rule demands it, so many times in an hour of the lesson's plan.

    It is done once, when the lecture begins; presenters plan theirs beside it and cannot drop it. A lesson that is too
    short for so many gets as many as it has room for.
    """
    with unit_of_work():
        lock(live)
        if not live.is_running or queries.has_checks(live.id):
            return
        now, length_s = clock.now_ms(), planning.USUAL_S
        wanted = round(per_hour * (live.ends_at_ms - now) / HOUR_MS) or 1
        count = min(wanted, planning.MOST_PLANNED, planning.room_for(now, live.ends_at_ms, length_s))
        for due_ms in planning.draw(now, live.ends_at_ms, length_s, count) if count else ():
            db.session.add(RollCall(live_id=live.id, by_id=None, length_s=length_s, due_ms=due_ms))
        if count:
            _announce_plan(live.id, None)


def drop_plan(call: Call) -> None:
    """Have no more of those come that presenters have planned."""
    with unit_of_work():
        lock(call.live)
        waiting = queries.planned_by_hand(call.live.id)
        if waiting:
            _drop(waiting)
            _announce_plan(call.live.id, call.person.user_id)


def end(call: Call, roll_id: int) -> None:
    """End a roll-call before its time; one that was ended stays as it is.

    Raises:
        NotRunning: there is none like this.
    """
    _close_by_hand(call, roll_id, Outcome.EARLY)


def cancel(call: Call, roll_id: int) -> None:
    """Have a roll-call that runs count for nothing; one that was cancelled stays as it is.

    Raises:
        NotRunning: it is over, and what is over stays as it is.
    """
    _close_by_hand(call, roll_id, Outcome.CANCELLED)


def confirm(call: Call, roll_id: int) -> None:
    """我在: confirm that the person is here. A second confirmation changes nothing.

    One short insert: thousands do so within seconds, so nothing is locked that others wait for, and no event written.

    Raises:
        NotCalled: she teaches or assists.
        TooLate: the roll-call is over, or there is none.
    """
    if call.is_desk:
        raise errors.NotCalled
    row = _row(call, roll_id, clock.now_ms())
    live_id, key = call.live.id, call.person.key
    with _in_line, unit_of_work():
        if not _insert(live_id, row) and not queries.has_confirmed(live_id, roll_id, key):
            raise errors.TooLate


def follow_lesson(live_id: str) -> None:
    """Hear that a lesson has changed: a roll-call ends when nobody is taught any more, a plan when it is over."""
    roll = queries.running(live_id)
    live = db.session.get(LiveSession, live_id)
    if live is None:
        return
    if roll is not None and live.state not in queries.TAUGHT:
        _close(roll, Outcome.CUT)
    if live.is_over:
        _drop_overtaken(live_id)


def keep_time() -> None:
    """Close what has had its time, and begin what is due. Called by the clockwork.

    Nobody could confirm during an outage of the service: the time of a roll-call that it touched begins anew. One that
    is due waits until pages had a minute to come back, or it would call nobody.
    """
    now, back_ms = clock.now_ms(), pulse.back_ms()
    if back_ms is None:
        return
    for roll_id in queries.cut_short(back_ms):
        _ask_anew(roll_id, back_ms)
    for roll_id in queries.over(now):
        roll = db.session.get_one(RollCall, roll_id)
        _close(roll, Outcome.TIME if now > (roll.deadline_ms or 0) else Outcome.CUT)
    for roll_id in queries.due(now) if pulse.well_since(now - planning.PAUSE_MS) else ():
        _begin_planned(roll_id)
    for live_id in queries.overtaken():
        _drop_overtaken(live_id)


def _begin_planned(roll_id: int) -> None:
    """Begin a planned roll-call, if its lesson is on air, and nobody was asked just now."""
    with unit_of_work():
        roll = db.session.get_one(RollCall, roll_id)
        live = db.session.get_one(LiveSession, roll.live_id)
        lock(live)
        lock(roll)
        waits = roll.began_ms is None and roll.closed_ms is None
        if waits and live.state is LiveState.ON_AIR and _is_quiet(live.id):
            _begin(live, roll)


def _is_quiet(live_id: str) -> bool:
    before, now = queries.newest(live_id), clock.now_ms()
    if before is None:
        return True
    if before.began_ms is None or before.closed_ms is None:
        return False
    return before.began_ms + planning.APART_MS <= now and before.closed_ms + planning.PAUSE_MS <= now


def _begin(live: LiveSession, roll: RollCall) -> None:
    roll.began_ms = clock.now_ms()
    roll.deadline_ms = roll.began_ms + roll.length_s * 1000
    db.session.flush()
    desk = [live.owner_id, *(one.user_id for one in live.presenters)]
    present = people.learners_here(live.id).join(User, User.id == Presence.user_id).where(User.id.not_in(desk))
    columns = {
        Called.roll_id: literal(roll.id),
        Called.key: Presence.key,
        Called.user_id: User.id,
        Called.name: User.real_name,
        Called.unit: Presence.unit,
        Called.staff_number: func.coalesce(User.staff_number, ""),
        Called.at_ms: literal(roll.began_ms),
    }
    db.session.execute(
        insert(Called).from_select(
            list(columns), present.with_only_columns(*columns.values(), maintain_column_froms=True)
        )
    )
    _announce_begun(roll)


def _ask_anew(roll_id: int, back_ms: int) -> None:
    with unit_of_work():
        roll = db.session.get_one(RollCall, roll_id)
        lock(roll)
        if roll.is_running:
            roll.deadline_ms = back_ms + roll.length_s * 1000
            _announce_begun(roll)


def _announce_begun(roll: RollCall) -> None:
    payload = {"roll": roll.id, "until": roll.deadline_ms, "length_s": roll.length_s}
    timeline.append(roll.live_id, kinds.BEGAN, payload, by_id=roll.by_id)


def _close_by_hand(call: Call, roll_id: int, outcome: Outcome) -> None:
    with unit_of_work():
        roll = queries.of_lesson(call.live.id, roll_id)
        if roll is None:
            raise errors.NotRunning
        if not _close(roll, outcome, by_id=call.person.user_id) and roll.outcome is not outcome:
            raise errors.NotRunning


def _close(roll: RollCall, outcome: Outcome, *, by_id: int | None = None) -> bool:
    """Close a roll-call; say whether it ran until now. Who is just confirming comes first."""
    with unit_of_work():
        lock(roll)
        if not roll.is_running:
            return False
        roll.closed_ms, roll.outcome = clock.now_ms(), outcome
        timeline.append(roll.live_id, kinds.CLOSED, {"roll": roll.id, "outcome": str(outcome)}, by_id=by_id)
    return True


def _drop(waiting: Collection[RollCall]) -> None:
    for roll in waiting:
        roll.closed_ms, roll.outcome = clock.now_ms(), Outcome.NOT_HELD


def _drop_overtaken(live_id: str) -> None:
    with unit_of_work():
        waiting = queries.planned(live_id)
        if waiting:
            _drop(waiting)
            _announce_plan(live_id, None)


def _announce_plan(live_id: str, by_id: int | None) -> None:
    timeline.append(live_id, kinds.PLANNED, {"to": "desk"}, by_id=by_id)


def _row(call: Call, roll_id: int, now: int) -> dict[str, Any]:
    user = call.user
    return {
        "roll_id": roll_id,
        "key": call.person.key,
        "user_id": call.person.user_id,
        "name": call.person.name[:80],
        "unit": user.unit.name[:200] if user else "",
        "staff_number": (user.staff_number or "") if user else "",
        "at_ms": now,
        "address": (request.remote_addr or "")[:80],
        "browser": request.user_agent.string[:200],
    }


def _insert(live_id: str, row: dict[str, Any]) -> bool:
    """Write a confirmation if its roll-call is open and has none of this person; say whether it was written.

    Reading the roll-call keeps it from being closed until the transaction ends, and nobody else from reading it.
    """
    table = Confirmation.__table__
    values = [literal(value, table.c[name].type) for name, value in row.items()]
    is_open = select(*values).where(
        RollCall.id == row["roll_id"],
        RollCall.live_id == live_id,
        RollCall.began_ms.is_not(None),
        RollCall.closed_ms.is_(None),
        RollCall.deadline_ms >= row["at_ms"],
    )
    once = (postgresql if db.engine.dialect.name == "postgresql" else sqlite).insert(Confirmation)
    written = db.session.execute(
        once.from_select(list(row), is_open.with_for_update(read=True)).on_conflict_do_nothing(),
    )
    return cast("CursorResult[Any]", written).rowcount > 0


def _nearest(length_s: int) -> int:
    return min(planning.LENGTHS_S, key=lambda one: abs(one - length_s))
