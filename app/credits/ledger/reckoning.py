"""Hours that an entry of a closed lesson adds. Pure: closing and verifying both ask here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.credits.rules.models import digest_of
from app.credits.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts about one person and one lesson when it is closed. Hours are hundredths."""

    watched_ms: int
    programme_ms: int
    rollcalls_confirmed: int
    rollcalls_reached: int
    earned_here: int
    """By earlier entries of this lesson."""
    earned_alike: int
    """By earlier entries of this lesson and of its copies."""
    earned_that_day: int
    """By earlier entries of all lessons on the same day."""


def adds(rule: Rule, fixed: Decimal | None, facts: Facts) -> int:
    """Return the hundredths of learning hours that an entry adds; never less than nothing."""
    if not rule.has_enough_rollcalls(facts.rollcalls_confirmed, facts.rollcalls_reached):
        return 0
    due = rule.hours(facts.watched_ms / 1000, facts.programme_ms / 1000, fixed)
    added = int(due * 100) - (facts.earned_alike if rule.once else facts.earned_here)
    if rule.most_per_day is not None:
        added = min(added, int(rule.most_per_day * 100) - facts.earned_that_day)
    return max(0, added)


def written(stretches: Sequence[Sequence[int]]) -> str:
    """Write stretches as they are kept beside an entry."""
    return json.dumps([list(one) for one in stretches], separators=(",", ":"))


def digest_of_stretches(text: str) -> str:
    """Return the digest of stretches that `written` wrote."""
    return digest_of(text)
