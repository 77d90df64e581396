"""Roles: named sets of permissions, who holds them where, the policy functions, and the audit log's page."""

from __future__ import annotations

from flask import Flask

from app.accounts import events as account_events
from app.kernel import access
from app.roles import cli, first_admin, policies, services
from app.units import events as unit_events


def register(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(first_admin.bp)
    app.cli.add_command(cli.found)
    app.cli.add_command(first_admin.print_link)
    access.ask(app, policies.mine)
    account_events.signed_in.connect(services.note_administrator)
    unit_events.moved.connect(services.end_stray)
