"""Commands about roles."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from app.roles import services


@click.command("found")
@with_appcontext
def found() -> None:
    """Make the academy and the roles that exist from the start, as far as they are missing."""
    services.found(current_app.config["ACADEMY"])
