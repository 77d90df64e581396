"""Alembic's environment: the app's database and models, SQLite and PostgreSQL alike."""

from __future__ import annotations

from alembic import context
from flask import current_app

from app.extensions import db


def run_migrations() -> None:
    """Migrate the database of the current app."""
    extension = current_app.extensions["migrate"]
    with db.engine.connect() as connection:
        context.configure(connection=connection, target_metadata=db.metadata, **extension.configure_args)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run_migrations()
