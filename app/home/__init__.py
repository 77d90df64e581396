"""The front page: what is on air, what comes, what can be watched again. Composes all rooms, imported by none."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.home import routes
from app.kernel import navigation


def register(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(routes.bp)
    navigation.add(navigation.Entry(_l("Live"), "home.index", order=10))
