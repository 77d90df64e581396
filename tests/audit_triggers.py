"""The log and other permanent rows refuse to be deleted, but between tests they must be."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
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


def of(sqlite: sqlite3.Connection, tables: Collection[str] | None = None) -> tuple[list[str], list[str]]:
    """Return the statements that remove the triggers of some tables, and those that make them again.

    `None` means all tables.
    """
    rows = sqlite.execute("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    kept = [(name, sql) for table, name, sql in rows if tables is None or table in tables]
    return [f"DROP TRIGGER {name}" for name, _ in kept], [sql for _, sql in kept]
