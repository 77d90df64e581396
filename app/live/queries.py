"""Reading lessons, always for one person."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import cast

from flask import Flask, current_app
from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import SignIn, User
from app.extensions import db
from app.kernel.errors import AppError, Forbidden, SignInFirst
from app.live import guests
from app.live.errors import GuestLinkDead, NotForYou, NotPublished
from app.live.lifecycle import OVER, RUNNING, Cancelled, LiveState
from app.live.models import Audience, Learner, LiveSession
from app.live.policies import May, admitted_may, is_invited_to, permissions_of
from app.units.models import Unit, within

MOST_FOUND = 10


Doorkeeper = Callable[[User | None, Collection[LiveSession]], Mapping[str, AppError]]
"""Returns, by the ids of lessons, why the person of this request is not let into them at the moment.

Lessons of which she was not put out are left out. It asks the database once for all.
"""


def ask_at_the_door(app: Flask, doorkeeper: Doorkeeper) -> None:
    """Name the function that knows who was put out of a lesson; done by the room that puts people out."""
    app.extensions["doorkeeper"] = doorkeeper


_WATCHING = (May.WATCH, May.REPLAY)


def live_for(user: User | None, live_id: str, needs: May) -> LiveSession:
    """Load a lesson that `user` may do something with.

    Raises:
        NotFound: there is none, or the person may not know of it.
        SignInFirst: a visitor without an account might see it after signing in.
        NotPublished: she sees it, and its recording is not for her.
        Forbidden: the person sees it but may not do this.
        AppError: she was put out; the doorkeeper says for how long.
    """
    at_once = [joinedload(LiveSession.stream), joinedload(LiveSession.presenters)]  # one question instead of two
    live = db.session.get(LiveSession, live_id, options=at_once)
    if live is None or live.deleted_ms is not None:
        raise NotForYou
    held = permissions_here(user, live)
    if needs in held:
        return live
    _refuse_put_out(user, live)
    if user is None:
        if May.WATCH in held and needs is May.REPLAY and (live.replay_hidden or live.replay_audience is None):
            raise NotPublished
        raise _end_of_visit(live) if needs in _WATCHING and guests.was_admitted(live) else SignInFirst
    if May.WATCH in held:
        raise NotPublished if needs is May.REPLAY else Forbidden
    raise NotForYou


def _end_of_visit(live: LiveSession) -> AppError:
    return Cancelled(mend=live.cancel_reason) if live.state is LiveState.CANCELLED else GuestLinkDead()


def permissions_here(user: User | None, live: LiveSession) -> frozenset[May]:
    """Return what the person of this request may do with a lesson, by what she is or by how she was let in.

    Who was put out may do nothing; those who teach and assist cannot be put out.
    """
    held = permissions_of(user, live)
    if May.ASSIST in held:
        return held
    if _put_out(user, [live]):
        return frozenset()
    return _let_in(user, live, held)


def open_here(user: User | None, lives: Collection[LiveSession]) -> list[LiveSession]:
    """Return those of several lessons that the person of this request may watch now, or whose recording she may."""
    held = {live.id: permissions_of(user, live) for live in lives}
    out = _put_out(user, [live for live in lives if May.ASSIST not in held[live.id]])
    return [live for live in lives if live.id not in out and May.REPLAY in _let_in(user, live, held[live.id])]


def _let_in(user: User | None, live: LiveSession, held: frozenset[May]) -> frozenset[May]:
    """Return the permissions of a person who was not put out, with those that a link or the learner token adds."""
    if May.REPLAY in held:
        return held
    if user is not None and _is_admitted(user, live):
        held |= admitted_may(live, is_guest=False)
    if guests.is_admitted(live):
        held |= admitted_may(live, is_guest=True)
    return held


def may_come(user: User, live: LiveSession) -> bool:
    """Return whether a person may watch a lesson that is not over, in whichever browser. Works outside of requests.

    Who was put out is not asked: nobody is before a lesson begins.
    """
    is_plain = is_invited_to(user, live) and not live.draft  # true of most people, and asks the database nothing
    return is_plain or May.WATCH in permissions_of(user, live) or _is_admitted(user, live)


def plainly_watching(live_id: str, sign_in_keys: Sequence[str]) -> frozenset[str]:
    """Return those of many sign-ins whose people belong to a lesson's audience. Others may watch for other reasons."""
    live = db.session.get(LiveSession, live_id)
    if live is None or live.draft or live.deleted_ms is not None:
        return frozenset()
    wanted = select(SignIn.key).join(SignIn.user).join(User.unit).where(User.closed_ms.is_(None))
    if live.audience is not Audience.EVERYONE:
        wanted = wanted.where(within(live.audience_unit.path))
    found: set[str] = set()
    for start in range(0, len(sign_in_keys), 500):
        found.update(db.session.scalars(wanted.where(SignIn.key.in_(sign_in_keys[start : start + 500]))))
    return frozenset(found)


def announced_to(user: User | None, live_id: str) -> LiveSession:
    """Load a lesson for its introduction page. Its audience may read that page, and visitors may if it is for all.

    Raises:
        NotFound: there is none, or it is for people of another unit.
        SignInFirst: a visitor without an account might see it after signing in.
    """
    live = by_id(live_id)
    for_all_colleagues = user is None and live.audience is Audience.ACADEMY and not live.draft
    if for_all_colleagues or May.WATCH in permissions_here(user, live):
        return live
    _refuse_put_out(user, live)
    raise SignInFirst if user is None else NotForYou


def by_id(live_id: str) -> LiveSession:
    """Load a lesson without asking who wants it.

    Raises:
        NotFound: there is none.
    """
    live = db.session.get(LiveSession, live_id)
    if live is None or live.deleted_ms is not None:
        raise NotForYou
    return live


def colleagues(q: str) -> Sequence[User]:
    """Find people who could teach: by part of the real name, or the beginning of user name or staff number."""
    typed = q.lower()
    named = or_(
        User.real_name.contains(q, autoescape=True),
        User.username.startswith(typed, autoescape=True),
        func.lower(User.staff_number).startswith(typed, autoescape=True),
    )
    wanted = select(User).where(named, User.closed_ms.is_(None)).options(joinedload(User.unit))
    return db.session.scalars(wanted.order_by(User.real_name, User.id).limit(MOST_FOUND)).all()


def rehearsal_of(live: LiveSession) -> LiveSession | None:
    """Find the rehearsal of a lesson that is not over."""
    return db.session.scalar(
        select(LiveSession).where(LiveSession.rehearses_id == live.id, LiveSession.state.not_in(OVER))
    )


def live_by_stream(stream_id: str) -> LiveSession | None:
    """Find the lesson that a stream feeds."""
    return db.session.scalar(select(LiveSession).where(LiveSession.stream_id == stream_id))


def not_over_beneath(path: str, audience: Audience) -> Sequence[LiveSession]:
    """Return the lessons for an audience that are taught in the name of a unit, or beneath it, and are not over."""
    return db.session.scalars(
        select(LiveSession)
        .join(Unit, Unit.id == LiveSession.unit_id)
        .where(
            within(path),
            LiveSession.audience == audience,
            LiveSession.state.not_in(OVER),
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


def _put_out(user: User | None, lives: Collection[LiveSession]) -> Mapping[str, AppError]:
    return cast(Doorkeeper, current_app.extensions["doorkeeper"])(user, lives) if lives else {}


def _refuse_put_out(user: User | None, live: LiveSession) -> None:
    refusal = _put_out(user, [live]).get(live.id)
    if refusal is not None:
        raise refusal


def _is_admitted(user: User, live: LiveSession) -> bool:
    admitted = select(Learner.id).where(
        Learner.live_id == live.id, Learner.user_id == user.id, Learner.admitted_ms.is_not(None)
    )
    return not live.draft and db.session.scalar(admitted) is not None
