"""A rule, as those who count and those who close a lesson read it. Pure: no database."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from enum import StrEnum

NOTHING = Decimal(0)
HUNDREDTH = Decimal("0.01")
FIXED_SHARE = 75
"""Minimum share in percent of a lesson with fixed hours, where the rule demands none: a glance must not bring all."""


class ReplayCounts(StrEnum):
    """Whether watching the replay brings learning hours."""

    NO = "no"
    FOR_DAYS = "for_days"
    """Until `replay_days` after the end of the lesson."""
    FULLY = "fully"


class Rounding(StrEnum):
    """How a share of a learning hour is rounded."""

    NONE = "none"
    """To the hundredth, downwards."""
    HALVES = "halves"
    """To halves, downwards."""
    WHOLE_DOWN = "whole_down"
    WHOLE_NEAREST = "whole_nearest"


@dataclass(frozen=True, slots=True)
class Step:
    """A row of a table of steps: from so many watched seconds on, so much."""

    from_s: int
    hours: Decimal


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of learning hours: what counts, and the hours that it brings. The defaults hold where there is no rule."""

    minutes_per_hour: int = 45
    """Watched minutes that make one learning hour."""
    rounding: Rounding = Rounding.NONE
    steps: tuple[Step, ...] = ()
    """In place of minutes and rounding where it is not empty: the step with the largest `from_s` that was reached."""
    most_per_day: Decimal | None = None
    """Maximum learning hours of one person on one day of the academy's zone. `None` means no limit."""
    least_share: int = 0
    """Minimum share of the lesson in percent. A person who watched less gets nothing."""
    replay: ReplayCounts = ReplayCounts.FOR_DAYS
    replay_days: int = 365
    """A year of training. When a replay counts no more, what people watched of the lesson need not be kept either."""
    most_speed: float = 2.0
    """Maximum speed of playing that counts; faster stretches count for nothing."""
    rollcalls_needed: int = 0
    """Minimum share in percent of the roll-calls of the lesson that a person confirmed, of those that reached her."""
    checks_per_hour: int = 0
    """Presence checks at random moments (随机点名) in an hour of the lesson."""
    teachers_too: bool = False
    """Whether teachers and assistants get learning hours for teaching (讲课学时)."""
    once: bool = True
    """Whether a lesson and its copies count once: a copy brings only what it brings beyond the others."""

    def hours(self, watched_s: float, programme_s: float, fixed: Decimal | None = None) -> Decimal:
        """Return the learning hours for `watched_s` seconds of a lesson that lasted `programme_s` seconds.

        Args:
            watched_s: seconds of the lesson that were watched.
            programme_s: seconds that it lasted.
            fixed: hours that a manager has fixed for the lesson; `None` means that they are computed.
        """
        if programme_s <= 0 or watched_s * 100 < self.demanded(fixed) * programme_s:
            return NOTHING
        if fixed is not None:
            return fixed
        if self.steps:
            reached = [step for step in self.steps if watched_s >= step.from_s]
            return max(reached, key=lambda step: step.from_s).hours if reached else NOTHING
        exact = Decimal(int(watched_s)) / Decimal(60 * self.minutes_per_hour)
        match self.rounding:
            case Rounding.NONE:
                return exact.quantize(HUNDREDTH, ROUND_DOWN)
            case Rounding.HALVES:
                return (exact * 2).to_integral_value(ROUND_DOWN) / 2
            case Rounding.WHOLE_DOWN:
                return exact.to_integral_value(ROUND_DOWN)
            case Rounding.WHOLE_NEAREST:
                return exact.to_integral_value(ROUND_HALF_UP)

    def demanded(self, fixed: Decimal | None = None) -> int:
        """Return the least share in percent; `fixed` are hours that a manager has fixed for the lesson."""
        return self.least_share if fixed is None else self.least_share or FIXED_SHARE

    def has_enough_rollcalls(self, confirmed: int, reached: int) -> bool:
        """Return whether a person has confirmed enough of the roll-calls that reached her."""
        return confirmed * 100 >= self.rollcalls_needed * reached

    def to_json(self) -> str:
        """Write the rule as text that is the same for the same rule."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), default=str)

    @staticmethod
    def from_json(text: str) -> Rule:
        """Read what `to_json` wrote, also of a version that knew fewer fields."""
        found = json.loads(text)
        found["steps"] = tuple(Step(one["from_s"], Decimal(one["hours"])) for one in found.get("steps", ()))
        if found.get("most_per_day") is not None:
            found["most_per_day"] = Decimal(found["most_per_day"])
        if "rounding" in found:
            found["rounding"] = Rounding(found["rounding"])
        if "replay" in found:
            found["replay"] = ReplayCounts(found["replay"])
        return Rule(**found)
