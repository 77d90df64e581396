"""Who may do what with a lesson."""

from __future__ import annotations

from app.accounts.models import User
from app.kernel.access import Permission
from app.live.models import Audience, LiveSession


def permissions_of(user: User | None, live: LiveSession) -> frozenset[Permission]:
    """Give everything that a person, or a visitor without an account, may do with a lesson."""
    if user is not None and (user.is_admin or live.owner_id == user.id):
        return frozenset({Permission.WATCH, Permission.DIRECT})
    if user is not None or live.audience is Audience.EVERYONE:
        return frozenset({Permission.WATCH})
    return frozenset()
