"""The front page with lessons on air, lessons to come and replays. It composes all rooms, and none imports it."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.home import feed, routes, webapp, weekly, widget
from app.kernel import navigation, slots
from app.kernel.clockwork import clockwork


def register(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(routes.bp)
    app.register_blueprint(webapp.bp)
    app.register_blueprint(feed.bp)
    app.register_blueprint(widget.bp)
    slots.fill(app, "managed.head", widget.link)
    clockwork.every_second(weekly.write_due)
    navigation.add(navigation.Entry(_l("Live"), "home.index", order=10))
