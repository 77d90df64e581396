"""Live sessions: what is taught when and by whom, and the states of a lesson. Minimal, so far."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.kernel import navigation
from app.kernel.clockwork import clockwork
from app.live import routes, services
from app.media import events as media_events
from app.units import events as unit_events


def register(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(routes.bp)
    media_events.encoder_ready.connect(services.find_encoder)
    media_events.encoder_lost.connect(services.lose_encoder)
    unit_events.moved.connect(services.follow_unit)
    unit_events.kind_changed.connect(services.follow_unit)
    clockwork.every_second(services.end_abandoned)
    clockwork.every_second(services.end_overdue)
    navigation.add(navigation.Entry(_l("My sessions"), "live.mine", order=20, signed_in_only=True))
