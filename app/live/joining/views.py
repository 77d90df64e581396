"""Places of a lesson as templates see them."""

from __future__ import annotations

from dataclasses import dataclass

from app.accounts.models import User
from app.live import learners
from app.live.joining import services as joining
from app.live.lifecycle import LiveState
from app.live.models import LiveSession


@dataclass(frozen=True)
class PlaceView:
    """How a viewer stands to the places of a lesson."""

    signed_up: bool
    number: int
    """Number of people who have signed up."""
    full: bool


def place_of(live: LiveSession, user: User | None, *, may_watch: bool) -> PlaceView | None:
    """Show whether a person has signed up. `None` means that there is nothing to sign up for."""
    if live.state is not LiveState.SCHEDULED or live.draft or (user is not None and not may_watch):
        return None
    known = learners.learner_of(live, user) if user else None
    number = joining.signed_up(live)
    return PlaceView(
        signed_up=known is not None and known.signed_up_ms is not None,
        number=number,
        full=live.capacity is not None and number >= live.capacity,
    )
