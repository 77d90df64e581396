"""Whom to ask: QQ group, telephone and mail of the academy and of each institute, at the foot of pages."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.kernel import navigation, slots
from app.kernel.permissions import Permission
from app.support.contact import routes


def register(app: Flask) -> None:
    """Open the pages, and fill the foot of all pages."""
    app.register_blueprint(routes.bp)
    slots.fill(app, "page.foot", routes.foot)
    navigation.add(
        navigation.Entry(
            _l("Contacts"), "contacts.index", order=66, needs=(Permission.UNIT_MANAGE,), group=navigation.SYSTEM
        )
    )
