"""Commands about accounts."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from app.accounts import queries, services


@click.command("first-admin")
@with_appcontext
def first_admin() -> None:
    """Print the one-time link with which the first visitor becomes administrator."""
    if queries.any_admin():
        click.echo("There is an administrator already.")
        return
    port = current_app.config["PORT"]
    click.echo(f"http://localhost:{port}/first-admin/{services.first_admin_token()}")
