"""Notes of people who come and go, for many at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.classroom.engine.presence.models import Presence, Stay
from app.classroom.engine.presence.queries import LOST_MS
from app.classroom.engine.seats import Seat
from app.extensions import db
from app.kernel import clock
from app.kernel.unit_of_work import unit_of_work

AT_A_TIME = 500
NOTED_AGAIN_MS = 15_000


def note(*, entered: Sequence[Seat] = (), left: Collection[tuple[str, str]] = (), still: Sequence[Seat] = ()) -> None:
    """Note who came, who left (lesson and key), and who is still here, in one transaction.

    A person who is noted as left, but is on a page of another process, is noted as here again by that process.
    """
    now = clock.now_ms()
    with unit_of_work():
        units = _units({seat.person.user_id for seat in entered if seat.person.user_id})
        _begin_stays(_by_lesson((seat.live_id, seat.person.key) for seat in entered), now)
        rows = [_row(seat, units.get(seat.person.user_id or 0, ""), now) for seat in entered if seat.person.key]
        for start in range(0, len(rows), AT_A_TIME):
            _upsert(rows[start : start + AT_A_TIME])
        for live_id, keys in _by_lesson((seat.live_id, seat.person.key) for seat in still).items():
            _begin_stays({live_id: _noted_as_left(live_id, keys)}, now)
            _mark(live_id, keys, seen_ms=now, left_ms=None)
        for live_id, keys in _by_lesson(left).items():
            _mark(live_id, keys, seen_ms=now, left_ms=now)
            _end_stays(live_id, keys, now)


def touch(seat: Seat) -> None:
    """Note a person whose page fetches events: she is here as long as it asks."""
    if seat.only_looks:
        return
    found = db.session.get(Presence, (seat.live_id, seat.person.key)) if seat.person.key else None
    is_noted = found is not None and found.left_ms is None and found.seen_ms > clock.now_ms() - NOTED_AGAIN_MS
    if not is_noted:
        note(entered=[seat])


def _row(seat: Seat, unit: str, now: int) -> dict[str, Any]:
    return {
        "live_id": seat.live_id,
        "key": seat.person.key,
        "user_id": seat.person.user_id,
        "name": seat.person.name[:80],
        "unit": unit[:200],
        "part": seat.part,
        "entered_ms": now,
        "seen_ms": now,
        "left_ms": None,
    }


def _upsert(rows: list[dict[str, Any]]) -> None:
    insert = _insert(Presence)
    again = {name: insert.excluded[name] for name in ("name", "unit", "part", "seen_ms", "left_ms")}
    db.session.execute(insert.on_conflict_do_update(index_elements=["live_id", "key"], set_=again), rows)


def _insert(table: type[Presence | Stay]) -> Any:
    """Return an INSERT that knows ON CONFLICT, which both databases write alike."""
    return (postgresql if db.engine.dialect.name == "postgresql" else sqlite).insert(table)


def _mark(live_id: str, keys: list[str], **values: Any) -> None:
    for start in range(0, len(keys), AT_A_TIME):
        some = keys[start : start + AT_A_TIME]
        db.session.execute(update(Presence).where(Presence.live_id == live_id, Presence.key.in_(some)).values(**values))


def _begin_stays(people: Mapping[str, list[str]], now: int) -> None:
    """Begin stays, before the people are noted as here.

    A person who was there less than 45 s ago has not been away: her page was loaded anew, her line broke, she has
    another page in another process, or the service started again. A longer outage has left stays open, which end when
    the person was last noted.
    """
    fresh: list[dict[str, Any]] = []
    for live_id, keys in people.items():
        goes_on: set[str] = set()
        for start in range(0, len(keys), AT_A_TIME):
            for stay, seen_ms in db.session.execute(_late_stays(live_id, keys[start : start + AT_A_TIME], now)):
                end_ms = seen_ms if stay.to_ms is None else stay.to_ms
                is_same = end_ms > now - LOST_MS
                stay.to_ms = None if is_same else end_ms
                if is_same:
                    goes_on.add(stay.key)
        fresh += [{"live_id": live_id, "key": key, "from_ms": now} for key in keys if key not in goes_on]
    if fresh:
        db.session.execute(_insert(Stay).on_conflict_do_nothing(), fresh)


def _late_stays(live_id: str, keys: list[str], now: int) -> Select[Stay, int]:
    """Return the query for stays that last, or ended less than 45 s ago, with when the person was last noted."""
    is_late = or_(Stay.to_ms.is_(None), Stay.to_ms > now - LOST_MS)
    return (
        select(Stay, Presence.seen_ms)
        .join(Presence, and_(Presence.live_id == Stay.live_id, Presence.key == Stay.key))
        .where(Stay.live_id == live_id, Stay.key.in_(keys), is_late)
        .order_by(Stay.from_ms)
    )


def _end_stays(live_id: str, keys: list[str], now: int) -> None:
    for start in range(0, len(keys), AT_A_TIME):
        open_ones = (Stay.live_id == live_id, Stay.key.in_(keys[start : start + AT_A_TIME]), Stay.to_ms.is_(None))
        db.session.execute(update(Stay).where(*open_ones).values(to_ms=now))


def _noted_as_left(live_id: str, keys: list[str]) -> list[str]:
    """Return the people whom another process has noted as left, though they are on a page of this one."""
    found: list[str] = []
    for start in range(0, len(keys), AT_A_TIME):
        some = (Presence.live_id == live_id, Presence.key.in_(keys[start : start + AT_A_TIME]))
        found += db.session.scalars(select(Presence.key).where(*some, Presence.left_ms.is_not(None)))
    return found


def _units(ids: Collection[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    every = sorted(ids)
    for start in range(0, len(every), AT_A_TIME):
        some = select(User).where(User.id.in_(every[start : start + AT_A_TIME])).options(joinedload(User.unit))
        found |= {user.id: user.unit.name for user in db.session.scalars(some)}
    return found


def _by_lesson(people: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for live_id, key in sorted(set(people)):
        if key:
            found.setdefault(live_id, []).append(key)
    return found
