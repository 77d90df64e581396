"""Writing deliveries in the transaction of their occasion, and sending them again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, update

from app.credits.outbox.models import Delivery, Silence, State
from app.credits.outbox.receivers import Key
from app.extensions import db
from app.kernel import clock
from app.kernel.unit_of_work import unit_of_work


def row(receiver: Key, uuid: str, what: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a delivery as a row of the table.

    Args:
        receiver: to whom.
        uuid: by which the receiver knows one that comes again.
        what: what it tells, for administrators.
        body: sent as JSON.
    """
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return {"receiver": receiver, "uuid": uuid, "what": what[:300], "body": text}


def queue(rows: Sequence[dict[str, Any]]) -> None:
    """Write deliveries within the open transaction. They go out once that has succeeded."""
    if rows:
        with unit_of_work():
            db.session.execute(insert(Delivery), list(rows))


def send_again(delivery_id: int | None = None) -> int:
    """Queue a delivery once more, or all that have failed, to be sent at once. Return their number."""
    which = Delivery.state == State.FAILED if delivery_id is None else Delivery.id == delivery_id
    afresh = {"state": State.WAITING, "due_ms": clock.now_ms(), "tries": 0, "problem": ""}
    with unit_of_work():
        found = db.session.scalars(update(Delivery).where(which).values(afresh).returning(Delivery.receiver)).all()
        db.session.execute(update(Silence).where(Silence.receiver.in_(set(found))).values(until_ms=0, failures=0))
    return len(found)
