"""Live sessions: what is taught when and by whom, and the states of a lesson."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.accounts import services as accounts
from app.kernel import navigation
from app.kernel.clockwork import clockwork
from app.kernel.permissions import Permission
from app.live import guests, rehearsals, routes, services
from app.live.covers import routes as covers
from app.live.covers import services as pictures
from app.live.joining import routes as joining
from app.live.lists import routes as lists
from app.live.marks import routes as marks
from app.live.planning import routes as planning
from app.live.sharing import routes as sharing
from app.media import events as media_events
from app.units import events as unit_events


def register(app: Flask) -> None:
    """Open the room."""
    for part in (lists, marks, routes, planning, sharing, joining, covers):
        app.register_blueprint(part.bp)
    accounts.carry_over(app, guests.COOKIE_KEY, at_sign_out=True)  # or else signing in and out would make a new guest
    accounts.carry_over(app, joining.TYPED)
    media_events.encoder_ready.connect(services.find_encoder)
    media_events.encoder_lost.connect(services.lose_encoder)
    unit_events.moved.connect(services.follow_unit)
    unit_events.kind_changed.connect(services.follow_unit)
    clockwork.every_second(services.end_abandoned)
    clockwork.every_second(services.end_overdue)
    clockwork.every_second(rehearsals.sweep)
    clockwork.every_hour(pictures.remove_unused)
    navigation.add(navigation.Entry(_l("Live courses"), "lists.column", order=15))
    navigation.add(navigation.Entry(_l("My lessons"), "lists.mine", order=20, signed_in_only=True))
    navigation.add(
        navigation.Entry(
            _l("Live service"),
            "lists.managed",
            order=5,
            needs=(Permission.LIVE_MANAGE_UNIT,),
            group=_l("Training resources"),
        )
    )
