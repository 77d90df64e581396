"""工单系统: questions of people with and without accounts, and what becomes of them."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.kernel import navigation, slots
from app.kernel.clockwork import clockwork
from app.kernel.permissions import Permission
from app.support.tickets import asker_routes, desk_routes, services
from app.support.tickets.files import MOST_PICTURES


def register(app: Flask) -> None:
    """Open the pages, and look every hour for tickets about which nobody says anything any more."""
    app.register_blueprint(asker_routes.bp)
    app.register_blueprint(desk_routes.bp)
    app.jinja_env.globals.update(report_address=asker_routes.report_address, ticket_pictures=MOST_PICTURES)
    slots.fill(app, "page.foot.links", asker_routes.foot)
    clockwork.every_hour(services.let_lapse)
    navigation.add(
        navigation.Entry(
            _l("Tickets"), "ticket_desk.index", order=4, needs=(Permission.TICKET_ANSWER,), group=navigation.TRAINING
        )
    )
