"""The ledger (学时台账): closes lessons, and keeps a chain of entries that nobody changes unnoticed."""

from __future__ import annotations

from flask import Flask

from app.credits.ledger import cli, closing, jobs, keeping
from app.kernel.clockwork import clockwork
from app.live import events as live_events


def register(app: Flask) -> None:
    """Hear of lessons that end, and look after those that are to be closed."""
    cli.register(app)
    jobs.close.bind(app)
    live_events.ended.connect(closing.open_for)
    clockwork.every_second(jobs.close_due)
    clockwork.every_hour(closing.open_forgotten)
    clockwork.every_hour(jobs.close_replayed)
    clockwork.every_hour(keeping.thin)
