"""Roles: named sets of permissions, their holders, the policy functions, and the page of the audit log."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.accounts import events as account_events
from app.kernel import access, navigation
from app.kernel.permissions import Permission
from app.roles import cli, first_admin, grants, log_routes, policies, routes, services, views
from app.units import events as unit_events


def register(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(first_admin.bp)
    app.register_blueprint(routes.bp)
    app.register_blueprint(log_routes.bp)
    app.cli.add_command(cli.found)
    app.cli.add_command(first_admin.print_link)
    for label, endpoint, order, permission in (
        (_l("Role management"), "roles.index", 30, Permission.ROLE_MANAGE),
        (_l("Role assignment"), "roles.assignments", 40, Permission.ROLE_ASSIGN),
        (_l("Audit log"), "audit_log.index", 80, Permission.AUDIT_VIEW),
    ):
        navigation.add(navigation.Entry(label, endpoint, order, needs=(permission,), group=navigation.SYSTEM))
    app.context_processor(lambda: {"my_roles": views.my_roles})
    access.ask(app, policies.mine)
    account_events.signed_in.connect(services.note_administrator)
    account_events.link_opened.connect(services.refuse_sleeping_link)
    unit_events.moved.connect(grants.end_stray)
