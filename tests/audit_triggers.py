"""The log and other permanent rows refuse to be deleted, but between tests they must be."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from app.extensions import db


@contextmanager
def lifted() -> Iterator[None]:
    """Lift the protection of such rows and put it back, within one transaction."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL session_replication_role = replica"))
        yield
        return
    sqlite = db.session.connection().connection.driver_connection
    assert isinstance(sqlite, sqlite3.Connection)
    lift, protect = of(sqlite)
    for statement in lift:
        db.session.execute(text(statement))
    yield
    for statement in protect:
        db.session.execute(text(statement))


def of(sqlite: sqlite3.Connection) -> tuple[list[str], list[str]]:
    """Return the statements that remove the triggers, and those that make them again."""
    kept = sqlite.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    return [f"DROP TRIGGER {name}" for name, _ in kept], [sql for _, sql in kept]
