"""Out: what people watch goes to a learning record store as xAPI statements, entries of the ledger to a webhook.

Messages are written in the transaction of their occasion, and go out until they are taken. Each has a name by which the
receiver knows one that comes again.
"""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.credits.counting import events as counting_events
from app.credits.ledger import events as ledger_events
from app.credits.outbox import delivery, entries, health, routes, viewings
from app.kernel import navigation
from app.kernel.cli import examine_also
from app.kernel.clockwork import clockwork
from app.kernel.permissions import Permission


def register(app: Flask) -> None:
    """Open the floor."""
    app.register_blueprint(routes.bp)
    delivery.deliver.bind(app)
    counting_events.judged.connect(viewings.hear)
    ledger_events.appended.connect(entries.hear)
    clockwork.every_second(delivery.send_due)
    clockwork.every_second(viewings.end_silent)
    clockwork.every_hour(delivery.forget_old)
    examine_also(app, health.findings)
    navigation.add(
        navigation.Entry(
            _l("Deliveries of hours"),
            "credit_deliveries.index",
            order=91,
            needs=(Permission.SYSTEM_ADMIN,),
            group=navigation.SYSTEM,
        )
    )
