"""Notices: mails about sessions to the people concerned, and sessions in people's own calendars."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.kernel import navigation
from app.kernel.clockwork import clockwork
from app.kernel.permissions import Permission
from app.live import events as live_events
from app.notices import calendar_routes, push, reminders, routes, services, weekly_routes


def register(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(routes.bp)
    app.register_blueprint(calendar_routes.bp)
    app.register_blueprint(weekly_routes.bp)
    push.register(app)
    live_events.planned_anew.connect(services.tell_change)
    live_events.cancelled.connect(services.tell_cancellation)
    live_events.part_taken.connect(services.tell_part_taken)
    clockwork.every_second(services.write_due)
    clockwork.every_second(reminders.remind_due)
    navigation.add(
        navigation.Entry(
            _l("Weekly mail"),
            "weekly.index",
            order=6,
            needs=(Permission.LIVE_MANAGE_UNIT,),
            group=navigation.TRAINING,
        )
    )
