"""Replays: a recording watched again with all that happened beside it, or downloaded; and what became of the lesson."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.classroom.engine import frames
from app.kernel import navigation, slots
from app.kernel.clockwork import clockwork
from app.kernel.permissions import Permission
from app.replays import jobs, routes, summary
from app.replays.captions import routes as captions
from app.replays.captions.views import tracks
from app.replays.chapters import routes as chapters
from app.replays.cutting import routes as cutting
from app.replays.cutting import strip, writing
from app.replays.cutting.queries import withheld
from app.replays.keeping import routes as keeping
from app.replays.keeping import services as keeping_services
from app.replays.notebook import routes as notebook
from app.replays.publishing import cover_routes as cover
from app.replays.publishing import routes as publishing
from app.replays.search import routes as search
from app.replays.slide_times import routes as slide_times


def register(app: Flask) -> None:
    """Open the room."""
    own = (chapters, notebook, captions, publishing, cover, cutting, slide_times, keeping, search)
    for part in (routes, summary, *own):
        app.register_blueprint(part.bp)
    frames.withhold(app, withheld)
    jobs.make_waiting.bind(app)
    strip.make.bind(app)
    writing.make_edges.bind(app)
    clockwork.every_hour(jobs.resume)
    clockwork.every_hour(keeping_services.sweep)
    navigation.add(
        navigation.Entry(
            _l("Recordings"),
            "recordings.listed",
            order=8,
            needs=(Permission.LIVE_MANAGE, Permission.LIVE_MANAGE_UNIT),
            group=_l("Training resources"),
        )
    )
    slots.fill(app, "column.found", search.beneath_column)
    slots.fill(app, "replay.tracks", tracks)
