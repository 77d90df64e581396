"""Writes the log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import has_request_context, request
from sqlalchemy import insert

from app.audit.models import Action, AuditEntry
from app.extensions import db
from app.kernel import clock
from app.kernel.unit_of_work import unit_of_work
from app.units.models import Unit


def record(action: Action, *, by_id: int | None, unit_id: int, what: str, **details: Any) -> None:
    """Log a deed, within the transaction that does it: both happen or neither.

    Args:
        action: kind of the deed.
        by_id: the person who did it. `None` means the service itself.
        unit_id: the unit concerned. People who may read the log there see the entry.
        what: the object of the deed, in words.
        details: plain JSON values.
    """
    entries = [_entry(action, by_id=by_id, unit_id=unit_id, what=what, **details)]
    with unit_of_work():
        db.session.execute(insert(AuditEntry), entries)


def record_move(action: Action, *, by_id: int | None, left: Unit, reached: Unit, what: str, **details: Any) -> None:
    """Log a move, so that it can be read at the old place and at the new one.

    If one lies within the other, an entry at the inner one can be read at both.
    """
    with unit_of_work():
        for unit in innermost(left, reached):
            record(action, by_id=by_id, unit_id=unit.id, what=what, **details)


def record_all(entries: Sequence[dict[str, Any]]) -> None:
    """Log many deeds at once. Each has the arguments of `record`."""
    if entries:
        with unit_of_work():
            db.session.execute(insert(AuditEntry), [_entry(**one) for one in entries])


def innermost(left: Unit, reached: Unit) -> list[Unit]:
    """Return the units of a move at which it must be logged."""
    if reached.is_within(left.path):
        return [reached]
    return [left] if left.is_within(reached.path) else [left, reached]


def _entry(action: Action, *, by_id: int | None, unit_id: int, what: str, **details: Any) -> dict[str, Any]:
    address = (request.remote_addr or "") if has_request_context() else ""
    return {
        "action": str(action),
        "by_id": by_id,
        "unit_id": unit_id,
        "object": what[:200],
        "details": details,
        "address": address,
        "at_ms": clock.now_ms(),
    }
