"""Accounts: people with real names, signing in and out. Sign-in only, so far."""

from __future__ import annotations

from flask import Flask

from app.accounts import cli, queries, routes
from app.extensions import login


def register(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(routes.bp)
    app.cli.add_command(cli.first_admin)
    login.user_loader(queries.user_by_session)
    login.login_view = "accounts.sign_in"
    login.login_message = None
