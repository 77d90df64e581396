"""Rules in words that a person understands."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import ngettext

from app.credits.rules.rule import ReplayCounts, Rounding, Rule, Step
from app.kernel import web

PREVIEWED = ((90, 90), (90, 75), (90, 60), (90, 45), (90, 30), (45, 45), (45, 15))
"""Lengths of a lesson and of what is watched of it, in minutes, for which a form shows what a rule brings."""


def number(hours: Decimal | int) -> str:
    """Write learning hours with no more digits than they need."""
    written = f"{Decimal(hours):.2f}"
    return written.rstrip("0").rstrip(".")


def sentence(rule: Rule, fixed: Decimal | None = None) -> str:
    """Return one sentence about what counts and what it brings."""
    chinese = web.language() == "zh_CN"
    clauses = list(_clauses(rule, fixed))
    return ("；" if chinese else "; ").join(clauses) + ("。" if chinese else ".")


def example(rule: Rule, lasts: int, watched: int) -> tuple[str, str]:
    """Return an example: a part of a lesson that is watched, in minutes, and the hours that it brings."""
    brings = rule.hours(watched * 60, lasts * 60)
    case = _("A %(programme)d-minute lesson watched for %(watched)d minutes", programme=lasts, watched=watched)
    return str(case), number(brings)


def _clauses(rule: Rule, fixed: Decimal | None) -> Iterator[str]:
    least_share = rule.demanded(fixed)
    if fixed is not None:
        yield _("This lesson brings %(hours)s learning hours", hours=number(fixed))
    elif rule.steps:
        yield _("Watching brings learning hours in steps: %(steps)s", steps=web.listed(map(_step, rule.steps)))
    else:
        yield _rate(rule)
    if least_share:
        yield _("at least %(share)d%% of it must be watched", share=least_share)
    if rule.rollcalls_needed:
        yield _("at least %(share)d%% of the roll-calls must be confirmed", share=rule.rollcalls_needed)
    if rule.checks_per_hour:
        yield ngettext(
            "presence is checked %(num)d time an hour",
            "presence is checked %(num)d times an hour",
            rule.checks_per_hour,
        )
    yield _replay(rule)
    if rule.most_speed < 16:
        yield _("playing faster than %(speed)s times does not count", speed=f"{rule.most_speed:g}")
    if rule.most_per_day is not None:
        yield _("at most %(hours)s learning hours a day", hours=number(rule.most_per_day))
    if rule.once:
        yield _("a repetition of the same lesson counts only once")
    if rule.teachers_too:
        yield _("teachers and assistants get learning hours for teaching")


def _rate(rule: Rule) -> str:
    minutes = rule.minutes_per_hour
    match rule.rounding:
        case Rounding.NONE:
            return str(_("Every %(minutes)d minutes watched make 1 learning hour, parts count too", minutes=minutes))
        case Rounding.HALVES:
            return str(_("Every %(minutes)d minutes watched make 1 learning hour, by halves", minutes=minutes))
        case Rounding.WHOLE_DOWN:
            return str(_("Every full %(minutes)d minutes watched make 1 learning hour", minutes=minutes))
        case Rounding.WHOLE_NEAREST:
            return str(
                _("Every %(minutes)d minutes watched make 1 learning hour, rounded to whole ones", minutes=minutes)
            )


def _step(step: Step) -> str:
    minutes, hours = step.from_s // 60, number(step.hours)
    if minutes:
        return str(_("from %(minutes)d minutes on %(hours)s", minutes=minutes, hours=hours))
    return str(_("from the first minute on %(hours)s", hours=hours))


def _replay(rule: Rule) -> str:
    match rule.replay:
        case ReplayCounts.NO:
            return str(_("only watching live counts, the replay does not"))
        case ReplayCounts.FOR_DAYS:
            days = rule.replay_days
            return str(
                ngettext(
                    "the replay counts until %(num)d day after the lesson",
                    "the replay counts until %(num)d days after the lesson",
                    days,
                )
            )
        case ReplayCounts.FULLY:
            return str(_("the replay counts as well"))
