"""Backups: copies of all that cannot be made again, taken while the service runs, and put back elsewhere."""

from __future__ import annotations

from flask import Flask

from app.backups import cli


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(cli.backup)
    app.cli.add_command(cli.restore)
