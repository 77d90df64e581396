"""Push: reminders that a browser shows although no page of ours is open (RFC 8030, 8291, 8292).

A message goes to the push service of the browser's maker, which hands it on. It is encrypted for the browser, so the
service learns when somebody gets one, and nothing of what it says.
"""

from __future__ import annotations

from flask import Flask

from app.kernel.cli import examine_also
from app.live.marks import services as marks
from app.notices.push import cli, delivery, health, queries, routes


def register(app: Flask) -> None:
    """Open the floor."""
    app.register_blueprint(routes.bp)
    app.cli.add_command(cli.make_key)
    delivery.deliver.bind(app)
    examine_also(app, health.findings)
    marks.reach_also(app, queries.reaches)
