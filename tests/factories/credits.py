"""Rules of learning hours for tests."""

from __future__ import annotations

from typing import Any

from app.accounts.models import User
from app.credits.rules import services
from app.credits.rules.models import Category, RuleVersion
from app.credits.rules.rule import Rule
from app.kernel import clock
from app.units.models import Unit


def rule(unit: Unit, by: User, *, from_ms: int | None = None, **said: Any) -> RuleVersion:
    """Make a rule of a unit that is valid from a moment (epoch ms) on, from now on when none is named."""
    return services.make(unit, Rule(**said), valid_from_ms=from_ms or clock.now_ms(), note="", by=by)


def category(name: str, by: User) -> Category:
    """Add a category to the academy's own list."""
    return services.add_category(name, by=by)
