"""Reads recommendations: those of a desk, and those that a person sees."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import chain, zip_longest

from sqlalchemy import ColumnElement, Select, and_, case, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.models import User
from app.extensions import db
from app.kernel import clock
from app.kernel.errors import NotFound
from app.live.lifecycle import RUNNING, LiveState
from app.live.lists import queries as listings
from app.live.lists.queries import Tab
from app.live.models import LiveSession
from app.media.models import Stream
from app.recommendations import policies
from app.recommendations.models import AcademyRequest, Recommendation
from app.units import queries as units
from app.units.models import Unit

MOST_SHOWN = 8
"""Maximum number of pictures on a home page, and of recommendations of one unit."""

MOST_ANSWERS = 10


def units_above(user: User | None) -> list[int]:
    """Return the ids of the units whose recommendations a viewer sees. A visitor sees the academy's."""
    if user is not None:
        return [int(part) for part in user.unit.path.strip("/").split("/")]
    root = units.root()
    return [root.id] if root else []


def seen_by(user: User | None) -> list[Recommendation]:
    """Return the recommendations on a viewer's home page, at most MOST_SHOWN, each with a lesson that she may watch.

    Those of the academy and of each of her units take turns, so that none of them fills the page. A lesson that two
    units recommend stands there once.
    """
    rows = db.session.scalars(
        _running_now(clock.now_ms())
        .where(Recommendation.unit_id.in_(units_above(user)), listings.open_now_to(user))
        .order_by(Recommendation.position, Recommendation.id)
    )
    by_unit: defaultdict[int, list[Recommendation]] = defaultdict(list)
    for row in rows:
        by_unit[row.unit_id].append(row)
    in_turn = chain.from_iterable(zip_longest(*(by_unit[one] for one in sorted(by_unit))))
    once = {row.live_id: row for row in reversed([row for row in in_turn if row is not None])}
    return list(reversed(once.values()))[:MOST_SHOWN]


def seen_one(user: User | None, item_id: int) -> Recommendation:
    """Return one of them.

    Raises:
        NotFound: it does not exist, or the viewer does not see it.
    """
    found = next((one for one in seen_by(user) if one.id == item_id), None)
    if found is None:
        raise NotFound
    return found


def of_desk(unit: Unit) -> Sequence[Recommendation]:
    """Return a unit's recommendations in their order, those that are not shown now included."""
    wanted = select(Recommendation).where(Recommendation.unit_id == unit.id)
    wanted = wanted.options(joinedload(Recommendation.live).joinedload(LiveSession.stream))
    return db.session.scalars(wanted.order_by(Recommendation.position, Recommendation.id)).all()


def of_lesson(unit: Unit, live: LiveSession) -> Recommendation | None:
    """Return the unit's recommendation of a lesson, or None."""
    return db.session.scalar(
        select(Recommendation).where(Recommendation.unit_id == unit.id, Recommendation.live_id == live.id)
    )


def counting(unit: Unit, now_ms: int) -> Sequence[Recommendation]:
    """Return the unit's recommendations that take one of its places, now or later."""
    return db.session.scalars(
        select(Recommendation)
        .join(Recommendation.live)
        .where(Recommendation.unit_id == unit.id, not_past(now_ms), LiveSession.deleted_ms.is_(None))
        .where(LiveSession.state != LiveState.CANCELLED)
    ).all()


def candidates(unit: Unit, user: User, q: str) -> Select[LiveSession]:
    """Return the lessons that the person may recommend to the unit's people: on air, to come, then replays."""
    return listings.column(user, tab=Tab.ALL, q=q).where(
        policies.reaching(unit), LiveSession.draft.is_(False), LiveSession.rehearses_id.is_(None)
    )


def open_requests() -> Sequence[AcademyRequest]:
    """Return the requests that wait for an answer, the oldest first."""
    wanted = select(AcademyRequest).where(AcademyRequest.answered_ms.is_(None))
    return db.session.scalars(wanted.order_by(AcademyRequest.asked_ms, AcademyRequest.id)).all()


def requests_of(unit: Unit) -> Sequence[AcademyRequest]:
    """Return the unit's requests: those that wait, then the newest answers."""
    waits = case((AcademyRequest.answered_ms.is_(None), 0), else_=1)
    wanted = select(AcademyRequest).where(AcademyRequest.unit_id == unit.id)
    return db.session.scalars(wanted.order_by(waits, AcademyRequest.id.desc()).limit(MOST_ANSWERS)).all()


def request_for(request_id: int) -> AcademyRequest:
    """Return a request.

    Raises:
        NotFound: it does not exist.
    """
    found = db.session.get(AcademyRequest, request_id)
    if found is None:
        raise NotFound
    return found


def open_request_of(live: LiveSession) -> AcademyRequest | None:
    """Return the request for a lesson that waits for its answer, or None."""
    waiting = (AcademyRequest.live_id == live.id, AcademyRequest.answered_ms.is_(None))
    return db.session.scalar(select(AcademyRequest).where(*waiting))


def used_pictures() -> set[str]:
    """Return the names of the pictures that recommendations show."""
    return set(db.session.scalars(select(Recommendation.picture).where(Recommendation.picture != "")))


def versions(unit_ids: Collection[int] | None = None) -> dict[int, str]:
    """Return for each unit a word that changes with the pictures of its desk and with the state of their lessons.

    Args:
        unit_ids: the units. `None` means all.
    """
    columns = (
        Recommendation.unit_id,
        Recommendation.id,
        Recommendation.version,
        Recommendation.position,
        LiveSession.state,
        LiveSession.state_since_ms,
        LiveSession.revision,
        LiveSession.subject,
        LiveSession.cover,
        LiveSession.replay_cover,
        LiveSession.draft,
        LiveSession.audience_unit_id,
        LiveSession.replay_hidden,
        LiveSession.replay_audience_unit_id,
        Stream.finished,
        Stream.kept_ms > 0,
    )
    wanted = _running_now(clock.now_ms()).options().with_only_columns(*columns, maintain_column_froms=True)
    if unit_ids is not None:
        wanted = wanted.where(Recommendation.unit_id.in_(unit_ids))
    words: defaultdict[int, hashlib._Hash] = defaultdict(hashlib.sha256)
    for row in db.session.execute(wanted.order_by(Recommendation.id)):
        words[row[0]].update(repr(tuple(row)).encode())
    return {unit_id: word.hexdigest()[:12] for unit_id, word in words.items()}


def joined(by_unit: dict[int, str], unit_ids: Collection[int]) -> str:
    """Return one word for several units' versions. Empty means that none of them recommends anything."""
    return "-".join(by_unit[one] for one in sorted(unit_ids) if one in by_unit)


def not_past(now_ms: int) -> ColumnElement[bool]:
    """Return the condition for recommendations that are shown now or later."""
    return or_(Recommendation.until_ms.is_(None), Recommendation.until_ms > now_ms)


def _running_now(now_ms: int) -> Select[Recommendation]:
    """Select recommendations of this moment whose lesson comes, is on air, or has a replay."""
    ahead = and_(LiveSession.state == LiveState.SCHEDULED, LiveSession.ends_at_ms > now_ms)
    again = and_(LiveSession.state == LiveState.ENDED, listings.is_recorded())
    return (
        select(Recommendation)
        .join(Recommendation.live)
        .join(LiveSession.stream)
        .options(contains_eager(Recommendation.live).contains_eager(LiveSession.stream))
        .where(
            Recommendation.from_ms <= now_ms,
            not_past(now_ms),
            LiveSession.deleted_ms.is_(None),
            LiveSession.draft.is_(False),
            or_(LiveSession.state.in_(RUNNING), ahead, again),
        )
    )
