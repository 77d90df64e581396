"""Changes contacts."""

from __future__ import annotations

from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.support.contact import queries
from app.units.models import Unit


def change(unit: Unit, *, by: User, **ways: str) -> None:
    """Write down the ways to reach the people of a unit who help: the columns of `Contact` by name."""
    with unit_of_work():
        contact = queries.of(unit)
        for name, value in ways.items():
            setattr(contact, name, value)
        db.session.add(contact)
        audit.record(Action.CONTACT_CHANGED, by_id=by.id, unit_id=unit.id, what=unit.name, **ways)
