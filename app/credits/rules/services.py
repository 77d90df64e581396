"""Making rules, withdrawing those that are not valid yet, deciding about one lesson."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import select

from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.credits.rules import queries
from app.credits.rules.errors import CategoryExists, InThePast, TermsTooLate, ValidAlready
from app.credits.rules.models import Category, RuleVersion, Terms, Withdrawal
from app.credits.rules.rule import Rule
from app.extensions import db
from app.kernel import clock
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.models import LiveSession
from app.units import queries as units
from app.units.models import Unit

PATIENCE_MS = 60_000
"""Delay between choosing "from now on" and saving it that is not called the past."""


def make(unit: Unit, rule: Rule | None, *, valid_from_ms: int, note: str, by: User) -> RuleVersion:
    """Make a rule for a unit and all beneath that have none of their own; `None` means the rule of the unit above.

    Raises:
        InThePast: it would hold for lessons that have begun.
    """
    now = clock.now_ms()
    if valid_from_ms < now - PATIENCE_MS:
        raise InThePast
    version = RuleVersion(
        unit_id=unit.id,
        valid_from_ms=max(valid_from_ms, now),
        body=rule.to_json() if rule else "",
        note=note,
        by_id=by.id,
        made_ms=now,
    )
    version.digest = version.digested()
    with unit_of_work():
        db.session.add(version)
        audit.record(
            Action.CREDIT_RULE_MADE,
            by_id=by.id,
            unit_id=unit.id,
            what=unit.name,
            valid_from_ms=version.valid_from_ms,
            rule=version.body,
            reason=note,
        )
    return version


def withdraw(version: RuleVersion, *, by: User) -> None:
    """Take a version back before it is valid; it stays in the history.

    Raises:
        ValidAlready: it is too late.
    """
    with unit_of_work():
        lock(version)
        if queries.is_valid_already(version):
            raise ValidAlready
        if version.withdrawal is not None:
            return
        db.session.add(Withdrawal(rule_id=version.id, by_id=by.id))
        audit.record(
            Action.CREDIT_RULE_WITHDRAWN,
            by_id=by.id,
            unit_id=version.unit_id,
            what=version.unit.name,
            valid_from_ms=version.valid_from_ms,
        )


def decide(live: LiveSession, *, category: str, fixed: Decimal | None, reason: str, by: User) -> Terms:
    """Set the category of a lesson, and hours of its own where `fixed` is not `None`.

    Raises:
        TermsTooLate: the lesson is over.
    """
    with unit_of_work():
        lock(live)
        if live.is_over:
            raise TermsTooLate
        terms = Terms(
            live_id=live.id,
            category=category,
            fixed_hundredths=None if fixed is None else int(fixed * 100),
            reason=reason,
            by_id=by.id,
            made_ms=clock.now_ms(),
        )
        terms.digest = terms.digested()
        db.session.add(terms)
        audit.record(
            Action.CREDIT_TERMS_DECIDED,
            by_id=by.id,
            unit_id=live.unit_id,
            what=live.subject,
            category=category,
            hours=None if fixed is None else str(fixed),
            reason=reason,
        )
    return terms


def add_category(name: str, *, by: User) -> Category:
    """Add a category to the academy's own list.

    Raises:
        CategoryExists: it is there.
    """
    with unit_of_work():
        found = db.session.scalar(select(Category).where(Category.name == name))
        if found is not None and found.retired_ms is None:
            raise CategoryExists
        category = found or Category(name=name)
        category.retired_ms = None
        db.session.add(category)
        _note_category(name, by, "added")
    return category


def retire_category(category: Category, *, by: User) -> None:
    """Let no further lesson have a category; those that have it keep it."""
    with unit_of_work():
        lock(category)
        if category.retired_ms is None:
            category.retired_ms = clock.now_ms()
            _note_category(category.name, by, "retired")


def _note_category(name: str, by: User, deed: str) -> None:
    audit.record(Action.CREDIT_CATEGORY_CHANGED, by_id=by.id, unit_id=units.academy().id, what=name, category=deed)
