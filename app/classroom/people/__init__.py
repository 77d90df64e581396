"""参与人员: the list of the people in a lesson's room."""

from __future__ import annotations

from flask import Flask

from app.classroom.people import (
    commands,  # noqa: F401 - importing it fills the registry
    routes,
)


def register(app: Flask) -> None:
    """Open the feature."""
    app.register_blueprint(routes.bp)
