"""The example academy: accounts, a lesson on air from a generated stream, and a command by which scripts find them."""

from __future__ import annotations

from flask import Flask

from app.demo import cli, gallery, known_accounts
from app.kernel import navigation
from app.kernel.cli import examine_also


def register(app: Flask) -> None:
    """Add the commands, and with an example academy the gallery of components."""
    app.cli.add_command(cli.demo)
    app.cli.add_command(cli.demo_info)
    examine_also(app, known_accounts.findings)
    navigation.warn(known_accounts.warning)
    if app.config["DEMO"]:
        app.register_blueprint(gallery.bp)
