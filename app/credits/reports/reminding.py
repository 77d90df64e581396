"""Reminding people of the learning hours that they lack."""

from __future__ import annotations

from decimal import Decimal

from flask_babel import gettext as _

from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.credits.ledger import queries as ledger
from app.credits.reports import queries, targets
from app.credits.reports.errors import RemindedLately
from app.credits.reports.targets import ALL
from app.credits.rules.categories import name_of
from app.credits.rules.words import number
from app.kernel import web
from app.kernel.unit_of_work import unit_of_work
from app.mail import services as mail
from app.units.models import Unit

DAY_MS = 86_400_000
LANGUAGE = "zh_CN"
"""A person who has chosen no language is written to in the language of the academy."""


def remind(unit: Unit, year: int, *, by: User) -> int:
    """Mail everybody of a unit and beneath who has not reached a target; return how many.

    Raises:
        RemindedLately: they were within a day.
    """
    if queries.reminded_lately(unit, DAY_MS):
        raise RemindedLately
    people = queries.lacking_people(unit, year)
    totals = ledger.totals_of([one.id for one in people], year)
    beneath = queries.targets_beneath(unit, year)
    link = web.absolute("credit_archive.learning")
    letters = []
    for user in people:
        has = totals.get(user.id, {})
        lacks = targets.missing(has, beneath.get(user.unit_id, {}))
        with web.written_in(LANGUAGE):
            lines = [
                _("%(category)s: %(hours)s missing", category=name_of(one) or _("All categories"), hours=number(hours))
                for one, hours in sorted(lacks.items())
            ]
        letters.append(
            mail.compose(
                user.email or "",
                "credits_reminder",
                bulk=True,
                locale=LANGUAGE,
                name=user.real_name,
                year=year,
                hours=number(lacks.get(ALL, max(lacks.values(), default=Decimal(0)))),
                has=number(sum(has.values(), Decimal(0))),
                lines=lines,
                link=link,
            )
        )
    with unit_of_work():
        mail.send_all(letters)
        audit.record(Action.CREDIT_REMINDED, by_id=by.id, unit_id=unit.id, what=f"{unit.name} {year}", new=len(letters))
    return len(letters)
