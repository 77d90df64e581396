"""Recommendations for tests."""

from __future__ import annotations

from app.accounts.models import User
from app.live.models import LiveSession
from app.recommendations import services
from app.recommendations.models import AcademyRequest, Recommendation
from app.recommendations.services import Wish
from app.units.models import Unit
from tests.factories import units


def shown(live: LiveSession, unit: Unit | None = None, *, by: User | None = None, **wish: object) -> Recommendation:
    """Put a lesson on the home page of a unit's people, by default everybody's."""
    return services.recommend(live, unit or units.academy(), Wish(**wish), by=by or live.owner)  # type: ignore[arg-type]


def asked(live: LiveSession, unit: Unit, *, by: User) -> AcademyRequest:
    """Ask the platform team for a lesson."""
    return services.ask_academy(live, unit, by=by)
