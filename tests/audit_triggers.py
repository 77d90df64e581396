"""The log and other rows that are kept for good refuse to be lost; between tests they have to be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from app.extensions import db


@contextmanager
def lifted() -> Iterator[None]:
    """Take the watch off such rows and put it back, within one transaction."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL session_replication_role = replica"))
        yield
        return
    kept = db.session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    for name, _ in kept:
        db.session.execute(text(f"DROP TRIGGER {name}"))
    yield
    for _, sql in kept:
        db.session.execute(text(sql))
