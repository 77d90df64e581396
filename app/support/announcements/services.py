"""Announcements change here."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select

from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.support.announcements.models import Announcement, Dismissal
from app.units.models import Unit


def publish(unit: Unit, *, by: User, **said: Any) -> Announcement:
    """Publish an announcement for the people of a unit: the columns of `Announcement` by name."""
    with unit_of_work():
        made = Announcement(unit_id=unit.id, by_id=by.id, **said)
        db.session.add(made)
        db.session.flush()
        audit.record(Action.ANNOUNCED, by_id=by.id, unit_id=unit.id, what=made.title)
    return made


def change(made: Announcement, unit: Unit, *, by: User, **said: Any) -> None:
    """Change an announcement. Those who have put it away see it once more, because it says something else."""
    with unit_of_work():
        made.unit_id = unit.id
        for name, value in said.items():
            setattr(made, name, value)
        db.session.execute(delete(Dismissal).where(Dismissal.announcement_id == made.id))
        audit.record(Action.ANNOUNCEMENT_CHANGED, by_id=by.id, unit_id=unit.id, what=made.title)


def withdraw(made: Announcement, *, by: User) -> None:
    """Remove an announcement."""
    with unit_of_work():
        audit.record(Action.ANNOUNCEMENT_WITHDRAWN, by_id=by.id, unit_id=made.unit_id, what=made.title)
        db.session.execute(delete(Dismissal).where(Dismissal.announcement_id == made.id))
        db.session.delete(made)


def put_away(announcement_id: int, user: User) -> None:
    """Note that a person has read an announcement. One that does not exist any more is no matter."""
    with unit_of_work():
        exists = db.session.scalar(select(Announcement.id).where(Announcement.id == announcement_id))
        if exists is not None and db.session.get(Dismissal, (announcement_id, user.id)) is None:
            db.session.add(Dismissal(announcement_id=announcement_id, user_id=user.id))
