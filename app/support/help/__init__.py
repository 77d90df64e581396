"""帮助中心: chapters for learners, teachers and managers, and the way from each page to the one that fits."""

from __future__ import annotations

from flask import Flask

from app.kernel import slots
from app.support.help import routes


def register(app: Flask) -> None:
    """Open the chapters, and put the way to them onto every page."""
    app.register_blueprint(routes.bp)
    slots.fill(app, "page.help", routes.link)
