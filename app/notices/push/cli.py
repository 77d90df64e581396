"""The command that makes the key of push messages."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app.kernel.cli import keep_secret
from app.notices.push import keys

SECRET = "vapid_private_key"  # noqa: S105 - the name of its file


@click.command("push-key")
@with_appcontext
def make_key() -> None:
    """Make the key of push messages in DATA_DIR/secrets; browsers are bound to it, so an existing one stays."""
    private = keys.new_private_key()
    if keep_secret(SECRET, private):
        click.echo(f"made {SECRET}; its public half is {keys.public_of(private)}. Restart the service to use it.")
    else:
        click.echo(f"{SECRET} is there already")
