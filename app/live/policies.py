"""Who may do what with a lesson."""

from __future__ import annotations

from enum import StrEnum

from app.accounts.models import User
from app.kernel.errors import Forbidden
from app.kernel.permissions import Permission
from app.live.models import Audience, LiveSession
from app.roles import policies as roles
from app.units.models import Unit


class May(StrEnum):
    """What somebody may do with one lesson."""

    WATCH = "watch"
    DIRECT = "direct"
    """Start, pause, end, record; see key and health."""


def permissions_of(user: User | None, live: LiveSession) -> frozenset[May]:
    """Give everything that a person, or a visitor without an account, may do with a lesson."""
    if user is not None and directs(user, live):
        return frozenset({May.WATCH, May.DIRECT})
    if user is not None or live.audience is Audience.EVERYONE:
        return frozenset({May.WATCH})
    return frozenset()


def directs(user: User, live: LiveSession) -> bool:
    """Say whether a person teaches the lesson, or manages the sessions of its unit."""
    return live.owner_id == user.id or roles.holdings_of(user).covers(Permission.LIVE_MANAGE_UNIT, live.unit.path)


def home_for_sessions(user: User) -> Unit:
    """Give the unit in whose name a person teaches: her own, or the first one where she may.

    Raises:
        Forbidden: she may teach nowhere.
    """
    held = roles.holdings_of(user)
    if held.covers(Permission.LIVE_MANAGE, user.unit.path):
        return user.unit
    elsewhere = roles.first_unit(held, Permission.LIVE_MANAGE)
    if elsewhere is None:
        raise Forbidden
    return elsewhere
