"""Courseware: a lesson that is over leaves the house as a package that plays anywhere."""

from __future__ import annotations

from flask import Flask

from app.courseware import cli, embedding, jobs, routes
from app.courseware.intake import jobs as intake_jobs
from app.courseware.intake import routes as intake
from app.kernel import slots
from app.kernel.clockwork import clockwork


def register(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(routes.bp)
    app.register_blueprint(embedding.bp)
    app.register_blueprint(intake.bp)
    app.cli.add_command(cli.courseware)
    jobs.make_waiting.bind(app)
    intake_jobs.make_waiting.bind(app)
    clockwork.every_hour(jobs.resume)
    clockwork.every_hour(intake_jobs.resume)
    slots.fill(app, "recordings.head", intake.link)
    slots.fill(app, "recordings.parts", routes.for_presenters)
    slots.fill(app, "replays.beside", routes.for_presenters)
    slots.fill(app, "replays.beside", embedding.beside_replay)
    slots.fill(app, "replays.head", embedding.in_head)
