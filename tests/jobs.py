"""The jobs process in a test's own hands."""

from __future__ import annotations

from flask import current_app

from app.extensions import db
from app.kernel.queue import queue


def run_queued() -> None:
    """Run the queued jobs, as the jobs process does, and let the test see their changes."""
    assert current_app
    waiting = queue()
    while task := waiting.dequeue():
        waiting.execute(task)
    db.session.commit()
    db.session.expire_all()
