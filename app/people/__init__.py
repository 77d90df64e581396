"""People and units for their managers: lists, changes, import from spreadsheets."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.kernel import navigation
from app.kernel.permissions import Permission
from app.people import imports, models, routes, unit_routes  # noqa: F401 - models make their tables known


def register(app: Flask) -> None:
    """Open the room."""
    for bp in (unit_routes.bp, routes.bp):
        app.register_blueprint(bp)
    imports.register(app)
    for label, endpoint, order, permission in (
        (_l("Units"), "units.index", 10, Permission.UNIT_MANAGE),
        (_l("People"), "people.index", 20, Permission.PEOPLE_MANAGE),
    ):
        navigation.add(navigation.Entry(label, endpoint, order, needs=(permission,), group=navigation.SYSTEM))
