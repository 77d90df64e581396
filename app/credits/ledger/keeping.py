"""How long evidence is kept."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import delete, select

from app.credits.ledger.models import Entry, Evidence
from app.extensions import db
from app.kernel import clock
from app.kernel.unit_of_work import unit_of_work

DAY_MS = 86_400_000
AT_ONCE = 2000


def kept_since_ms() -> int:
    """Return since when (epoch ms) the stretches behind entries are kept; 0 means that all are."""
    days: int = current_app.config["CREDITS_STRETCHES_DAYS"]
    return clock.now_ms() - days * DAY_MS if days else 0


def thin() -> None:
    """Remove the stretches behind entries after the time for appeals; the entries stay. Called by the clockwork."""
    before_ms = kept_since_ms()
    while before_ms:
        old = select(Evidence.entry_id).join(Entry, Entry.id == Evidence.entry_id).where(Entry.at_ms < before_ms)
        with unit_of_work():
            ids = db.session.scalars(old.order_by(Evidence.entry_id).limit(AT_ONCE)).all()
            db.session.execute(delete(Evidence).where(Evidence.entry_id.in_(ids)))
        if len(ids) < AT_ONCE:
            return
