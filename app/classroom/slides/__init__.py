"""讲义: showing pages, drawing on them and pointing at them, in step with the picture."""

from __future__ import annotations

from flask import Flask

from app.classroom.slides import commands, renderers, routes, services  # noqa: F401 - importing them fills the registries
from app.classroom.slides.layouts import LAYOUTS
from app.documents import events as document_events
from app.kernel.clockwork import clockwork


def register(app: Flask) -> None:
    """Open the feature."""
    app.register_blueprint(routes.bp)
    app.jinja_env.globals.update(slide_layouts=LAYOUTS)
    clockwork.every_second(services.list_due)
    document_events.changed.connect(services.follow_documents)
