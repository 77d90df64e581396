"""Alembic's environment: the app's database and models, SQLite and PostgreSQL alike."""

from __future__ import annotations

from alembic import context
from flask import current_app

from app.extensions import db


def run_migrations() -> None:
    """Migrate the database of the current app."""
    extension = current_app.extensions["migrate"]
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # To change a table SQLite makes it anew and drops the old one, which would take along what refers to it.
            connection.connection.execute("PRAGMA foreign_keys = OFF")
        context.configure(connection=connection, target_metadata=db.metadata, **extension.configure_args)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        if connection.dialect.name == "sqlite":
            connection.connection.execute("PRAGMA foreign_keys = ON")


run_migrations()
