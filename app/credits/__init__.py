"""Learning hours (学时): what people watched, by which rule it counts, and the ledger that stands up to an audit.

Floors, from below: `rules` say what counts and how much; `counting` keeps the stretches of the media clock that each
person watched; `ledger` closes lessons and keeps the chain of entries; `outbox` tells other services; `reports`
are pages of learners and managers.
"""

from __future__ import annotations

from flask import Flask

from app.credits import counting, ledger, outbox, reports, rules


def register(app: Flask) -> None:
    """Open the room, floor by floor."""
    rules.register(app)
    counting.register(app)
    ledger.register(app)
    outbox.register(app)
    reports.register(app)
