"""Reads browsers that take reminders."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select

from app.accounts.models import SignIn, User
from app.extensions import db
from app.notices.push import keys
from app.notices.push.models import PushDevice


def device_here(user: User) -> PushDevice | None:
    """Return the browser of this request as one that takes reminders. `None` means that it takes none."""
    return db.session.scalar(select(PushDevice).where(PushDevice.sign_in_key == user.sign_in_key))


def devices_of(user_ids: Collection[int]) -> Sequence[PushDevice]:
    """Return the browsers in which people take reminders."""
    if not user_ids:
        return []
    mine = select(PushDevice).join(SignIn, SignIn.key == PushDevice.sign_in_key).where(SignIn.user_id.in_(user_ids))
    return db.session.scalars(mine.order_by(PushDevice.id)).all()


def reaches(user: User) -> bool:
    """Return whether any browser of a person takes reminders, and this service can send them."""
    return bool(keys.public_key()) and bool(devices_of([user.id]))
