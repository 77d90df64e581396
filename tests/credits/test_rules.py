"""What watching brings."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.credits.rules.rule import Rounding, Rule, Step

STEPS = (Step(1, Decimal("0.25")), Step(15 * 60, Decimal("0.5")), Step(30 * 60, Decimal(1)))


@pytest.mark.parametrize(
    ("rule", "watched_min", "programme_min", "hours"),
    [
        (Rule(), 45, 90, "1"),
        (Rule(), 44, 90, "0.97"),
        (Rule(rounding=Rounding.HALVES), 44, 90, "0.5"),
        (Rule(rounding=Rounding.WHOLE_DOWN), 89, 90, "1"),
        (Rule(rounding=Rounding.WHOLE_NEAREST), 68, 90, "2"),
        (Rule(least_share=75), 67, 90, "0"),
        (Rule(least_share=75), 67.5, 90, "1.5"),
        (Rule(steps=STEPS), 0, 60, "0"),
        (Rule(steps=STEPS), 14.9, 60, "0.25"),
        (Rule(steps=STEPS), 15, 60, "0.5"),
        (Rule(steps=STEPS), 31, 60, "1"),
        (Rule(), 10, 0, "0"),
    ],
)
def test_minutes_become_hours(rule: Rule, watched_min: float, programme_min: float, hours: str) -> None:
    assert rule.hours(watched_min * 60, programme_min * 60) == Decimal(hours)
