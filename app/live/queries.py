"""Reading lessons, always for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from flask_login import current_user
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.extensions import db
from app.kernel import clock
from app.kernel.errors import Forbidden, NotFound, SignInFirst
from app.kernel.permissions import Permission
from app.live.lifecycle import RUNNING, LiveState
from app.live.models import Audience, LiveSession
from app.live.policies import May, permissions_of
from app.roles import policies as roles
from app.units.models import Unit, within


def viewer() -> User | None:
    """Give the signed-in person of this request."""
    return cast(User, current_user) if current_user.is_authenticated else None


def live_for(user: User | None, live_id: str, needs: May) -> LiveSession:
    """Load a lesson that `user` may do something with.

    Raises:
        NotFound: there is none, or the person may not know of it.
        SignInFirst: a visitor without an account might see it after signing in.
        Forbidden: the person sees it but may not do this.
    """
    live = db.session.get(LiveSession, live_id, options=[joinedload(LiveSession.stream)])
    if live is None or live.deleted_ms is not None:
        raise NotFound
    held = permissions_of(user, live)
    if needs in held:
        return live
    if user is None:
        raise SignInFirst
    if May.WATCH in held:
        raise Forbidden
    raise NotFound


def announced_to(user: User | None, live_id: str) -> LiveSession:
    """Load a lesson for its introduction page, which whoever may watch may read, and visitors may if it is for all.

    Raises:
        NotFound: there is none, or it is for people of another unit.
        SignInFirst: a visitor without an account might see it after signing in.
    """
    live = by_id(live_id)
    if May.WATCH in permissions_of(user, live) or (user is None and live.audience is Audience.ACADEMY):
        return live
    raise SignInFirst if user is None else NotFound


def by_id(live_id: str) -> LiveSession:
    """Load a lesson, whoever asks.

    Raises:
        NotFound: there is none.
    """
    live = db.session.get(LiveSession, live_id)
    if live is None or live.deleted_ms is not None:
        raise NotFound
    return live


def live_by_stream(stream_id: str) -> LiveSession | None:
    """Find the lesson that a stream feeds."""
    return db.session.scalar(select(LiveSession).where(LiveSession.stream_id == stream_id))


def running_for(user: User | None) -> Sequence[LiveSession]:
    """Give the lessons that run now, newest first."""
    return _listed(user, LiveSession.state.in_(RUNNING), LiveSession.started_at_ms.desc())


def coming_for(user: User | None) -> Sequence[LiveSession]:
    """Give the lessons that are scheduled and whose time is not over, soonest first."""
    ahead = and_(LiveSession.state == LiveState.SCHEDULED, LiveSession.ends_at_ms > clock.now_ms())
    return _listed(user, ahead, LiveSession.starts_at_ms)


def ended_for(user: User | None) -> Sequence[LiveSession]:
    """Give the lessons that are over, newest first."""
    return _listed(user, LiveSession.state == LiveState.ENDED, LiveSession.ended_at_ms.desc())


def mine(user: User) -> Sequence[LiveSession]:
    """Give the lessons that a person teaches, newest first."""
    return db.session.scalars(
        select(LiveSession)
        .where(LiveSession.owner_id == user.id, LiveSession.deleted_ms.is_(None))
        .order_by(LiveSession.starts_at_ms.desc())
        .options(joinedload(LiveSession.stream))
        .limit(200)
    ).all()


def not_over_beneath(path: str, audience: Audience) -> Sequence[LiveSession]:
    """Give the lessons for an audience that are taught in the name of a unit, or beneath it, and are not over."""
    return db.session.scalars(
        select(LiveSession)
        .join(Unit, Unit.id == LiveSession.unit_id)
        .where(
            within(path),
            LiveSession.audience == audience,
            LiveSession.state != LiveState.ENDED,
            LiveSession.deleted_ms.is_(None),
        )
    ).all()


def overdue(before_ms: int) -> Sequence[str]:
    """Name the lessons that run although their end was at or before a moment (epoch ms)."""
    return db.session.scalars(
        select(LiveSession.id).where(LiveSession.state.in_(RUNNING), LiveSession.ends_at_ms <= before_ms)
    ).all()


def abandoned(before_ms: int) -> Sequence[str]:
    """Name the lessons that their presenter left, and to which none came back, since `before_ms`."""
    return db.session.scalars(
        select(LiveSession.id).where(
            LiveSession.state == LiveState.AWAY,
            LiveSession.state_since_ms < before_ms,
            LiveSession.presenter_seen_ms < before_ms,
        )
    ).all()


def _listed(user: User | None, condition: ColumnElement[bool], order: Any) -> Sequence[LiveSession]:
    wanted = select(LiveSession).where(condition).order_by(order).limit(24).options(joinedload(LiveSession.stream))
    return db.session.scalars(wanted.where(LiveSession.deleted_ms.is_(None), _for(user))).all()


def _for(user: User | None) -> ColumnElement[bool]:
    """Give the condition for lessons that somebody may watch; the same as `policies.permissions_of` says of one."""
    for_all = LiveSession.audience == Audience.EVERYONE
    if user is None:
        return for_all
    above = [int(part) for part in user.unit.path.strip("/").split("/")]
    held = roles.holdings_of(user)
    managed = select(Unit.id).where(held.where(Permission.LIVE_MANAGE_UNIT))
    taught = select(Unit.id).where(held.where(Permission.LIVE_MANAGE))
    return or_(
        for_all,
        LiveSession.audience_unit_id.in_(above),
        and_(
            LiveSession.owner_id == user.id,
            or_(LiveSession.state.in_(RUNNING), LiveSession.unit_id.in_(taught)),
        ),
        LiveSession.unit_id.in_(managed),
    )
