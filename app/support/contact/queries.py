"""Reads contacts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.extensions import db
from app.kernel.permissions import Permission
from app.roles.policies import Holdings
from app.support.contact.models import Contact
from app.units.models import Unit, UnitKind

MOST_SHOWN = 2
"""Contacts for one person: of her institute, and of the academy."""


def of(unit: Unit) -> Contact:
    """Return the contact of a unit, an empty one if it has none yet."""
    return db.session.get(Contact, unit.id) or Contact(
        unit_id=unit.id, qq_number="", qq_link="", telephone="", email="", hours=""
    )


def shown_to(user: User | None) -> Sequence[Contact]:
    """Return the contacts for a person, the nearest first. Visitors get the academy's."""
    if user is None:
        here = Unit.parent_id.is_(None)
    else:
        here = Unit.id.in_([int(part) for part in user.unit.path.strip("/").split("/")])
    wanted = select(Contact).join(Contact.unit).where(here).order_by(Unit.path.desc()).limit(MOST_SHOWN)
    return db.session.scalars(wanted.options(joinedload(Contact.unit))).all()


def units_in_reach(held: Holdings, q: str) -> Select[Unit]:
    """Return the academy, institutes and branches whose contacts somebody may change, by name."""
    kinds = (UnitKind.ACADEMY, UnitKind.INSTITUTE, UnitKind.BRANCH)
    wanted = select(Unit).where(held.where(Permission.UNIT_MANAGE), Unit.kind.in_(kinds))
    if q:
        wanted = wanted.where(Unit.name.contains(q, autoescape=True))
    return wanted.order_by(Unit.parent_id.is_not(None), Unit.name, Unit.id)


def of_several(units: Sequence[Unit]) -> dict[int, Contact]:
    """Return the contacts of several units, by the ids of those that have one."""
    wanted = select(Contact).where(Contact.unit_id.in_([one.id for one in units]))
    return {one.unit_id: one for one in db.session.scalars(wanted)}
