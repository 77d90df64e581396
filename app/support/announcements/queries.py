"""Reads announcements."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.extensions import db
from app.kernel import clock
from app.kernel.permissions import Permission
from app.roles import policies
from app.roles.policies import Holdings
from app.support.announcements.models import Announcement, Dismissal, Kind
from app.units.models import Unit

MOST_AT_ONCE = 3
"""Maximum number of announcements above a page, those of maintenance first."""


def shown_to(user: User | None, *, put_away: Collection[int], in_lesson: bool) -> Sequence[Announcement]:
    """Return the announcements for a page.

    Args:
        user: the reader. `None` stands for a visitor, who gets those of the academy.
        put_away: ids that this browser has put away.
        in_lesson: the page shows a lesson, so only what concerns the running service is shown.
    """
    now_ms = clock.now_ms()
    wanted = select(Announcement).where(Announcement.until_ms > now_ms, Announcement.from_ms <= now_ms)
    if user is None:
        wanted = wanted.join(Announcement.unit).where(Unit.parent_id.is_(None))
    else:
        hers = select(Dismissal.announcement_id).where(Dismissal.user_id == user.id)
        above = [int(part) for part in user.unit.path.strip("/").split("/")]
        wanted = wanted.where(Announcement.unit_id.in_(above), Announcement.id.not_in(hers))
    if in_lesson:
        wanted = wanted.where(Announcement.kind == Kind.MAINTENANCE)
    found = db.session.scalars(wanted.order_by(Announcement.kind, Announcement.from_ms.desc()).limit(20)).all()
    return [one for one in found if one.id not in put_away][:MOST_AT_ONCE]


def in_reach(held: Holdings) -> Select[Announcement]:
    """Return the announcements that a manager may change, the newest first."""
    wanted = select(Announcement).join(Announcement.unit).where(held.where(Permission.UNIT_MANAGE))
    return wanted.order_by(Announcement.from_ms.desc(), Announcement.id.desc()).options(joinedload(Announcement.unit))


def for_manager(announcement_id: int) -> Announcement:
    """Return an announcement of a unit that the signed-in person manages.

    Raises:
        SignInFirst, Forbidden, NotFound: as in `policies.unit_for`.
    """
    found = db.session.get(Announcement, announcement_id)
    policies.must_cover(Permission.UNIT_MANAGE, found.unit.path if found else None)
    assert found is not None
    return found
