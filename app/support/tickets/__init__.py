"""工单系统: questions of people with and without accounts, and what becomes of them."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.kernel import navigation, slots
from app.kernel.clockwork import clockwork
from app.kernel.permissions import Permission
from app.support.tickets import asker_routes, desk_routes, inbox, services
from app.support.tickets.files import MOST_PICTURES


def register(app: Flask) -> None:
    """Open the pages, and look after silent tickets and answers by mail."""
    app.register_blueprint(asker_routes.bp)
    app.register_blueprint(desk_routes.bp)
    app.jinja_env.globals.update(report_address=asker_routes.report_address, ticket_pictures=MOST_PICTURES)
    slots.fill(app, "page.foot.links", asker_routes.foot)
    inbox.look.bind(app)
    clockwork.every_second(inbox.look_when_due)
    clockwork.every_hour(services.let_lapse)
    navigation.add(
        navigation.Entry(
            _l("Tickets"), "ticket_desk.index", order=4, needs=(Permission.TICKET_ANSWER,), group=navigation.TRAINING
        )
    )
