"""Evidence is removed here once its time is over."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import String, cast, delete, or_, select, update

from app.credits.counting.models import Watched
from app.credits.ledger.models import Closing, Entry, Evidence
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
    """Remove the stretches behind entries after the time for appeals; the entries stay. Called by the clockwork.

    What is counted of a lesson stays while its replay counts: else the same moments would count again.
    """
    before_ms = kept_since_ms()
    if before_ms:
        _thin_evidence(before_ms)
        _thin_counted(before_ms)


def _thin_counted(before_ms: int) -> None:
    """Remove what is counted of lessons that are closed for good, and facts such as silence of all that are old."""
    closed = select(Closing.live_id).where(Closing.final_ms.is_not(None), Closing.closed_ms < before_ms)
    facts = {"muted_ms": 0, "hidden_ms": 0, "apart_ms": 0}
    is_noted = or_(Watched.muted_ms > 0, Watched.hidden_ms > 0, Watched.apart_ms > 0)
    is_counted = or_(cast(Watched.on_air, String) != "[]", cast(Watched.replayed, String) != "[]")
    with unit_of_work():
        db.session.execute(update(Watched).where(Watched.seen_ms < before_ms, is_noted).values(facts))
        db.session.execute(
            update(Watched).where(Watched.live_id.in_(closed), is_counted).values({"on_air": [], "replayed": []})
        )


def _thin_evidence(before_ms: int) -> None:
    while True:
        old = select(Evidence.entry_id).join(Entry, Entry.id == Evidence.entry_id).where(Entry.at_ms < before_ms)
        with unit_of_work():
            ids = db.session.scalars(old.order_by(Evidence.entry_id).limit(AT_ONCE)).all()
            db.session.execute(delete(Evidence).where(Evidence.entry_id.in_(ids)))
        if len(ids) < AT_ONCE:
            return
