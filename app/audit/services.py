"""Writing the log."""

from __future__ import annotations

from typing import Any

from flask import has_request_context, request

from app.audit.models import Action, AuditEntry
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work


def record(action: Action, *, by_id: int | None, unit_id: int, what: str, **details: Any) -> None:
    """Note what somebody did, within the transaction that does it: both happen or neither.

    Args:
        action: what was done.
        by_id: who did it; none for the service itself.
        unit_id: the unit that it concerns; whoever may read the log there sees the entry.
        what: what it was done to, in words.
        details: plain JSON values.
    """
    address = (request.remote_addr or "") if has_request_context() else ""
    with unit_of_work():
        db.session.add(
            AuditEntry(
                action=str(action), by_id=by_id, unit_id=unit_id, object=what[:200], details=details, address=address
            )
        )
