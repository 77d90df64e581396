"""Lessons for tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from app.accounts.models import User
from app.extensions import db
from app.kernel import clock
from app.live import services, subjects
from app.live.lists import queries as listings
from app.live.models import Audience, LiveSession, RecordingPolicy
from app.live.planning import services as planning
from app.live.planning.plans import Plan
from tests.factories import media

HOUR_MS = 3_600_000
BEGINS = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
"""Beginning of the lesson of the fixture `planned`."""


def lesson(
    owner: User, subject: str = "", *, audience: Audience = Audience.ACADEMY, recording: bool = True, **planned: Any
) -> LiveSession:
    """Make a scheduled lesson that begins now."""
    now = clock.now_ms()
    plan = Plan(
        subject=subject or subjects.next_free("超导", owner),
        audience=audience,
        recording_policy=RecordingPolicy.FROM_START if recording else RecordingPolicy.BY_HAND,
        starts_at_ms=now,
        ends_at_ms=now + HOUR_MS,
    )
    return planning.schedule(replace(plan, **planned), owner=owner)


def of(owner: User) -> list[LiveSession]:
    """Return the lessons of a person, newest first."""
    return sorted(db.session.scalars(listings.mine(owner)), key=lambda live: (-live.starts_at_ms, live.id))


def on_air(owner: User, subject: str = "", **options: object) -> LiveSession:
    """Make a lesson that is on air, with an encoder that delivers."""
    live = lesson(owner, subject, **options)  # type: ignore[arg-type]
    media.encoder(live.stream)
    services.start(live, by=owner)
    return live


def ended(owner: User, subject: str = "") -> LiveSession:
    """Make a lesson that is over."""
    live = on_air(owner, subject)
    services.end(live, by=owner)
    return live
