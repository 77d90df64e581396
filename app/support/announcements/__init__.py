"""系统公告: maintenance and news of the academy or a unit, at the top of its people's pages while they are of use."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.kernel import navigation, slots
from app.kernel.permissions import Permission
from app.support.announcements import routes


def register(app: Flask) -> None:
    """Open the pages, and fill the top of all pages."""
    app.register_blueprint(routes.bp)
    slots.fill(app, "page.top", routes.top)
    navigation.add(
        navigation.Entry(
            _l("Announcements"),
            "announcements.index",
            order=65,
            needs=(Permission.UNIT_MANAGE,),
            group=navigation.SYSTEM,
        )
    )
