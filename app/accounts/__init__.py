"""Accounts: people with real names, signing in and out, passwords, and the browsers in which they are signed in."""

from __future__ import annotations

from flask import Flask

from app.accounts import account_routes, password_routes, passwords, queries, routes, services, throttle
from app.extensions import login
from app.kernel.clockwork import clockwork
from app.mail import events as mail_events


def register(app: Flask) -> None:
    """Open the room."""
    for bp in (routes.bp, password_routes.bp, account_routes.bp):
        app.register_blueprint(bp)
    passwords.reset_mail.bind(app)
    mail_events.was_read.connect(services.note_reading)
    app.before_request(services.see_visitor)
    login.user_loader(queries.user_by_sign_in)
    login.login_view = "accounts.sign_in"
    login.login_message = None
    clockwork.every_hour(throttle.forget_old)
    clockwork.every_hour(services.forget_old_sign_ins)
