"""Reading rules."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from app.credits.rules.models import Category, RuleVersion, Terms, Withdrawal
from app.credits.rules.rule import Rule
from app.extensions import db
from app.kernel import clock
from app.live.models import LiveSession
from app.units.models import Unit

DEFAULT = Rule()


def rule_for(live: LiveSession) -> Rule:
    """Return the rule by which a lesson counts: the one that was valid for its unit when it began."""
    return rule_of(version_for(live))


def rule_of(version: RuleVersion | None) -> Rule:
    """Return the rule of a version; without one, the rule where nobody has made one."""
    return (version.rule if version else None) or DEFAULT


def version_for(live: LiveSession) -> RuleVersion | None:
    """Return the version by which a lesson counts; `None` where no unit above it has made a rule."""
    return version_at(live.unit, moment_of(live))


def moment_of(live: LiveSession) -> int:
    """Return the moment (epoch ms) whose rules hold for a lesson: its beginning, real or planned."""
    return live.started_at_ms or live.starts_at_ms


def version_at(unit: Unit, moment_ms: int) -> RuleVersion | None:
    """Return the version that holds for a unit at a moment: its own newest one, or that of the nearest unit above."""
    return valid_version(unit.path, versions_above([unit], moment_ms))


def versions_above(units: Collection[Unit], moment_ms: int) -> dict[int, RuleVersion]:
    """Return the valid version of each of some units and of those above them, by the unit's id, with one query."""
    above = {int(part) for unit in units for part in unit.path.strip("/").split("/")}
    valid = (
        select(RuleVersion)
        .outerjoin(RuleVersion.withdrawal)
        .where(RuleVersion.unit_id.in_(above), RuleVersion.valid_from_ms <= moment_ms, Withdrawal.rule_id.is_(None))
        .order_by(RuleVersion.valid_from_ms, RuleVersion.id)
    )
    return {version.unit_id: version for version in db.session.scalars(valid)}


def valid_version(path: str, known: dict[int, RuleVersion]) -> RuleVersion | None:
    """Return the version that holds for the unit with a path, out of those that `versions_above` gave."""
    for part in reversed(path.strip("/").split("/")):
        version = known.get(int(part))
        if version is not None and version.body:
            return version
    return None


def rules_for(lives: Collection[LiveSession]) -> dict[str, Rule]:
    """Return the rules of several lessons, by their ids, with one query for each moment at which rules have changed."""
    units = [live.unit for live in lives]
    above = {int(part) for unit in units for part in unit.path.strip("/").split("/")}
    known = db.session.scalars(
        select(RuleVersion)
        .outerjoin(RuleVersion.withdrawal)
        .where(RuleVersion.unit_id.in_(above), Withdrawal.rule_id.is_(None))
        .order_by(RuleVersion.valid_from_ms, RuleVersion.id)
    ).all()
    found = {}
    for live in lives:
        moment = moment_of(live)
        valid = {version.unit_id: version for version in known if version.valid_from_ms <= moment}
        found[live.id] = rule_of(valid_version(live.unit.path, valid))
    return found


def terms_for(live_id: str) -> Terms | None:
    """Return what was decided last about a lesson."""
    return db.session.scalar(select(Terms).where(Terms.live_id == live_id).order_by(Terms.id.desc()).limit(1))


def terms_of(live_ids: Collection[str]) -> dict[str, Terms]:
    """Return what was decided last about each of some lessons."""
    newest = select(func.max(Terms.id)).where(Terms.live_id.in_(live_ids)).group_by(Terms.live_id)
    return {terms.live_id: terms for terms in db.session.scalars(select(Terms).where(Terms.id.in_(newest)))}


def least_share(live: LiveSession) -> int:
    """Return the least share of a lesson in percent that its rule demands; 0 if it demands none."""
    terms = terms_for(live.id)
    return rule_for(live).demanded(terms.fixed if terms else None)


def history(unit: Unit) -> Sequence[RuleVersion]:
    """Return every version that a unit has made, the newest first."""
    return db.session.scalars(
        select(RuleVersion)
        .where(RuleVersion.unit_id == unit.id)
        .order_by(RuleVersion.valid_from_ms.desc(), RuleVersion.id.desc())
        .options(joinedload(RuleVersion.by), joinedload(RuleVersion.withdrawal))
    ).all()


def copies_of(live: LiveSession) -> list[str]:
    """Return the ids of a lesson and of all that are copies of the same original."""
    original = live.original_id or live.id
    same = or_(LiveSession.id == original, LiveSession.original_id == original)
    return list(db.session.scalars(select(LiveSession.id).where(same)))


def own_categories() -> Sequence[Category]:
    """Return the academy's own list."""
    return db.session.scalars(select(Category).where(Category.retired_ms.is_(None)).order_by(Category.id)).all()


def is_valid_already(version: RuleVersion) -> bool:
    """Return whether lessons begin under a version by now."""
    return version.valid_from_ms <= clock.now_ms()
