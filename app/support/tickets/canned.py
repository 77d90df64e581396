"""Answers that are given often."""

from __future__ import annotations

from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.support.tickets.models import Canned
from app.units.models import Unit


def add(unit: Unit, *, title: str, words: str) -> Canned:
    """Keep an answer for the tickets of a unit and those beneath."""
    with unit_of_work():
        kept = Canned(unit_id=unit.id, title=title, words=words)
        db.session.add(kept)
    return kept


def remove(kept: Canned) -> None:
    """Forget an answer."""
    with unit_of_work():
        db.session.delete(kept)
