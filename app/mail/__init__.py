"""Mail: written in the transaction of its occasion, delivered by the jobs process at a pace that servers accept.

Without a mail server mails wait, and administrators read them in the outbox.
"""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.kernel import navigation
from app.kernel.clockwork import clockwork
from app.kernel.permissions import Permission
from app.mail import delivery, routes


def register(app: Flask) -> None:
    """Open the outbox, and check every second for mails to deliver."""
    app.register_blueprint(routes.bp)
    delivery.deliver.bind(app)
    clockwork.every_second(delivery.send_due)
    clockwork.every_hour(delivery.forget_old)
    navigation.add(
        navigation.Entry(
            _l("Outbox"), "outbox.index", order=90, needs=(Permission.SYSTEM_ADMIN,), group=navigation.SYSTEM
        )
    )
