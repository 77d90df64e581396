"""Live sessions: what is taught when and by whom, and the states of a lesson."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.accounts import services as accounts
from app.kernel import navigation
from app.kernel.clockwork import clockwork
from app.kernel.permissions import Permission
from app.live import (
    cover_routes,
    covers,
    guests,
    joining_routes,
    list_routes,
    mark_routes,
    plan_routes,
    rehearsals,
    routes,
    services,
    sharing_routes,
)  # fmt: skip
from app.media import events as media_events
from app.units import events as unit_events


def register(app: Flask) -> None:
    """Open the room."""
    for room in (list_routes, mark_routes, routes, plan_routes, sharing_routes, joining_routes, cover_routes):
        app.register_blueprint(room.bp)
    accounts.carry_over(app, guests.COOKIE_KEY, at_sign_out=True)  # or else signing in and out would make a new guest
    accounts.carry_over(app, joining_routes.TYPED)
    media_events.encoder_ready.connect(services.find_encoder)
    media_events.encoder_lost.connect(services.lose_encoder)
    unit_events.moved.connect(services.follow_unit)
    unit_events.kind_changed.connect(services.follow_unit)
    clockwork.every_second(services.end_abandoned)
    clockwork.every_second(services.end_overdue)
    clockwork.every_second(rehearsals.sweep)
    clockwork.every_hour(covers.remove_unused)
    navigation.add(navigation.Entry(_l("Live courses"), "lists.column", order=15))
    navigation.add(navigation.Entry(_l("My lessons"), "live.mine", order=20, signed_in_only=True))
    navigation.add(
        navigation.Entry(
            _l("Live service"),
            "lists.managed",
            order=5,
            needs=(Permission.LIVE_MANAGE_UNIT,),
            group=_l("Training resources"),
        )
    )
