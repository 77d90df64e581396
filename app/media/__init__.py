"""Media: streams, their keys and rules, signed addresses; the only door of media_worker.

The room knows nothing of lessons. Rooms above tell it which stretches of the capture clock are on air and recorded, and
it reports by signals when an encoder comes and goes.
"""

from __future__ import annotations

from flask import Flask

from app.extensions import csrf, limiter
from app.kernel.clockwork import clockwork
from app.media import addresses, services, worker_api


def register(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(worker_api.bp)
    app.register_blueprint(addresses.bp)
    csrf.exempt(worker_api.bp)
    limiter.exempt(worker_api.bp)
    limiter.exempt(addresses.bp)
    clockwork.every_second(services.lose_silent_streams)
