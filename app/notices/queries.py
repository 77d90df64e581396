"""Reads notices and their recipients."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, func, or_, select, union
from sqlalchemy.orm import joinedload

from app.accounts.models import SignIn, User
from app.extensions import db
from app.kernel import clock
from app.live.lifecycle import LiveState
from app.live.lists.queries import watchable_by
from app.live.marks.services import LATEST_MS
from app.live.models import Learner, LiveSession, Presenter
from app.notices.models import CalendarFeed, Invited, Notice, NoticeKind, Wishes
from app.notices.push.models import PushDevice
from app.units.models import Unit, within

MOST_IN_FEED = 1000
FEED_REACHES_BACK_MS = 180 * 24 * 3_600_000


def due(now_ms: int) -> Notice | None:
    """Return the notice to write first. Invitations, which are long, wait for the others."""
    late = (Notice.kind == NoticeKind.INVITATION, Notice.due_ms, Notice.id)
    return db.session.scalar(
        select(Notice).where(Notice.done_ms.is_(None), Notice.due_ms <= now_ms).order_by(*late).limit(1)
    )


def waiting_change(live: LiveSession) -> Notice | None:
    """Return the notice of a change that has not been mailed to anybody yet."""
    return db.session.scalar(
        select(Notice).where(
            Notice.live_id == live.id,
            Notice.kind == NoticeKind.CHANGE,
            Notice.done_ms.is_(None),
            Notice.written == 0,
        )
    )


def invitations_of(live: LiveSession) -> Sequence[Notice]:
    """Return the invitations to a lesson, newest first."""
    mine = (Notice.live_id == live.id, Notice.kind == NoticeKind.INVITATION)
    return db.session.scalars(select(Notice).where(*mine).order_by(Notice.created_ms.desc(), Notice.id)).all()


def is_pointless(notice: Notice) -> bool:
    """Return whether a notice is out of date: nobody is invited to a lesson that is over."""
    live = notice.live
    if notice.kind is NoticeKind.CANCELLATION:
        return False
    return live.is_over or live.draft or live.deleted_ms is not None


def count_recipients(notice: Notice) -> int:
    """Return the number of recipients of a notice."""
    return db.session.scalar(select(func.count(User.id)).where(_is_recipient(notice))) or 0


def count_audience(live: LiveSession, units: Collection[Unit] = ()) -> int:
    """Return the number of people whom an invitation would reach."""
    probe = Notice(live_id=live.id, kind=NoticeKind.INVITATION, unit_ids=[unit.id for unit in units])
    return db.session.scalar(select(func.count(User.id)).where(_may_be_invited(probe, live))) or 0


def next_recipients(notice: Notice, most: int) -> Sequence[User]:
    """Return the next recipients of a notice, in the order of their ids."""
    return db.session.scalars(
        select(User)
        .where(_is_recipient(notice), User.id > notice.last_user_id)
        .order_by(User.id)
        .limit(most)
        .options(joinedload(User.unit))
    ).all()


def languages_of(live: LiveSession, people: Collection[User]) -> dict[int, str]:
    """Return the languages of those people who mean to come, by their ids."""
    ids = [user.id for user in people]
    mine = (Learner.live_id == live.id, Learner.user_id.in_(ids), _COMES)
    return {one.user_id: one.language for one in db.session.scalars(select(Learner).where(*mine))}


def units_beneath(live: LiveSession, q: str, most: int) -> Sequence[Unit]:
    """Return units within the audience of a lesson whose name contains `q`."""
    found = select(Unit).where(within(live.audience_unit.path), Unit.name.contains(q, autoescape=True))
    return db.session.scalars(found.order_by(func.length(Unit.path), Unit.name).limit(most)).all()


def units_chosen(live: LiveSession, ids: Collection[int]) -> Sequence[Unit]:
    """Return those of the units that lie within the audience of a lesson."""
    chosen = select(Unit).where(Unit.id.in_(ids), within(live.audience_unit.path))
    return db.session.scalars(chosen.order_by(Unit.path)).all()


def feed_of(user: User) -> CalendarFeed | None:
    """Return a person's calendar address. `None` means that she has not asked for one."""
    return db.session.get(CalendarFeed, user.id)


def feed_by_key(key: str) -> CalendarFeed | None:
    """Return a calendar by its address. Dead addresses and closed accounts have none."""
    feed = db.session.scalar(select(CalendarFeed).where(CalendarFeed.key == key))
    return feed if feed is not None and feed.user.closed_ms is None else None


def calendar_of(user: User) -> Sequence[LiveSession]:
    """Return a person's lessons, from half a year ago on: signed up for, planned, taught or assisted.

    Cancelled ones are among them, so that calendars strike them out. Those that she may watch no longer are not.
    """
    mine = union(
        select(Learner.live_id).where(Learner.user_id == user.id, Learner.signed_up_ms.is_not(None)),
        select(Presenter.live_id).where(Presenter.user_id == user.id),
        select(LiveSession.id).where(LiveSession.owner_id == user.id),
    )
    return db.session.scalars(
        select(LiveSession)
        .where(
            LiveSession.id.in_(mine),
            watchable_by(user),
            LiveSession.deleted_ms.is_(None),
            LiveSession.draft.is_(False),
            LiveSession.starts_at_ms > clock.now_ms() - FEED_REACHES_BACK_MS,
        )
        .order_by(LiveSession.starts_at_ms.desc())
        .limit(MOST_IN_FEED)
    ).all()


def to_be_reminded(now_ms: int, before_ms: int, most: int) -> Sequence[tuple[Learner, LiveSession]]:
    """Return learners who are to hear of a lesson that begins soon, and were not reminded.

    A person who signed up hears of it unless she did so after that moment, or wants no reminders. A person who has
    asked for this reminder hears of it in any case, at the latest `LATEST_MS` before the beginning. Those whom neither
    mail nor a device reaches are left out.

    Args:
        now_ms: the present moment (epoch ms).
        before_ms: lead of a reminder before the beginning.
        most: maximum number of rows.
    """
    lead = LiveSession.starts_at_ms - before_ms
    soon = and_(LiveSession.starts_at_ms > now_ms, LiveSession.starts_at_ms <= now_ms + before_ms)
    rows = (
        select(Learner, LiveSession)
        .join(LiveSession, LiveSession.id == Learner.live_id)
        .join(User, User.id == Learner.user_id)
        .outerjoin(Wishes, Wishes.user_id == User.id)
        .where(
            soon,
            LiveSession.state.not_in((LiveState.ENDED, LiveState.CANCELLED)),
            LiveSession.draft.is_(False),
            LiveSession.deleted_ms.is_(None),
            Learner.reminded_ms.is_(None),
            or_(
                and_(Learner.signed_up_ms <= lead, or_(Wishes.user_id.is_(None), Wishes.reminders.is_(True))),
                Learner.remind_ms <= lead,
                and_(Learner.remind_ms.is_not(None), LiveSession.starts_at_ms <= now_ms + LATEST_MS),
            ),
            User.closed_ms.is_(None),
            or_(User.email.is_not(None), User.id.in_(select(SignIn.user_id).join(PushDevice))),
        )
        .order_by(LiveSession.starts_at_ms, Learner.id)
        .limit(most)
    )
    return [(learner, live) for learner, live in db.session.execute(rows)]


_COMES = or_(Learner.signed_up_ms.is_not(None), Learner.remind_ms.is_not(None))
"""She means to come: she hears when the lesson is changed or cancelled, and needs no invitation."""

_HAS_ADDRESS = (User.email.is_not(None), User.closed_ms.is_(None))


def _is_recipient(notice: Notice) -> ColumnElement[bool]:
    if notice.kind is NoticeKind.INVITATION:
        return _may_be_invited(notice, notice.live)
    concerned = union(
        select(Learner.user_id).where(Learner.live_id == notice.live_id, _COMES),
        select(Presenter.user_id).where(Presenter.live_id == notice.live_id),
        select(LiveSession.owner_id).where(LiveSession.id == notice.live_id),
    )
    return and_(*_HAS_ADDRESS, User.id.in_(concerned), User.id != notice.by_id)


def _may_be_invited(notice: Notice, live: LiveSession) -> ColumnElement[bool]:
    """Return the condition for the audience or the chosen units, less people who know or want no invitations."""
    places = within(live.audience_unit.path)
    if notice.unit_ids:
        paths = db.session.scalars(select(Unit.path).where(Unit.id.in_(notice.unit_ids))).all()
        places = and_(places, or_(*(within(path) for path in paths)))
    known = union(
        select(Invited.user_id).where(Invited.live_id == live.id),
        select(Learner.user_id).where(Learner.live_id == live.id, _COMES),
        select(Presenter.user_id).where(Presenter.live_id == live.id),
        select(Wishes.user_id).where(Wishes.invitations.is_(False)),
    )
    return and_(
        *_HAS_ADDRESS,
        User.unit_id.in_(select(Unit.id).where(places)),
        User.id != live.owner_id,
        User.id.not_in(known),
    )
