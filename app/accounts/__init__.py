"""Accounts: people with real names, signing in and out."""

from __future__ import annotations

from flask import Flask

from app.accounts import queries, routes
from app.extensions import login


def register(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(routes.bp)
    login.user_loader(queries.user_by_sign_in)
    login.login_view = "accounts.sign_in"
    login.login_message = None
