"""Rows of the lists of lessons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from app.accounts.models import User
from app.live import policies
from app.live.lists import queries as listings
from app.live.models import LiveSession, Part
from app.live.sharing import invitation
from app.live.views import LiveRow, LiveView, row_of, view_of
from app.units import queries as units


@dataclass(frozen=True)
class MyRow:
    """A lesson in the list of a person who has a part in it."""

    live: LiveView
    part: str
    """Her part in it, in a word."""
    invitation: str
    """To be copied. Empty if she may not hand the lesson out."""


def my_rows(lives: Sequence[LiveSession], user: User) -> list[MyRow]:
    """Show a person the lessons in which she has a part."""
    return [
        MyRow(
            live=view_of(live, user),
            part=_part_in_words(user, live),
            invitation=invitation.text_of(live) if policies.hands_out(live, user) else "",
        )
        for live in lives
    ]


def _part_in_words(user: User, live: LiveSession) -> str:
    """Return the part of a person in a lesson, in a word."""
    part = policies.part_of(user, live)
    if part is Part.TEACHER:
        return str(_("Teacher"))
    if part is Part.ASSISTANT:
        return str(_("Assistant"))
    return str(_("Planned by me") if live.owner_id == user.id else _("Learner"))


@dataclass(frozen=True)
class ManagedRow:
    """A lesson in the list of a manager of its unit."""

    live: LiveRow
    unit: str
    capacity: int | None
    signed_up: int
    taught_ms: int | None
    """Length of the lesson. `None` while it has not ended."""


def managed_rows(lives: Sequence[LiveSession], user: User) -> list[ManagedRow]:
    """Show lessons with their numbers."""
    places, names = listings.signed_up(lives), units.full_names([live.unit for live in lives])
    return [
        ManagedRow(
            live=row_of(live, user),
            unit=names[live.unit_id],
            capacity=live.capacity,
            signed_up=places.get(live.id, 0),
            taught_ms=live.ended_at_ms - live.started_at_ms if live.ended_at_ms and live.started_at_ms else None,
        )
        for live in lives
    ]
