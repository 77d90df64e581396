"""How long it takes to make a package of an hour of 720p with sixty slides, in the process that makes it."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade

from app import create_app
from app.classroom.slides import kinds as stage
from app.courseware import jobs, queries, services
from app.courseware.archive.importing import import_archive
from app.courseware.course import Options
from app.courseware.models import Export, Form
from app.documents.models import Document
from app.extensions import db
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import unit_of_work
from app.live import services as lives
from app.live.models import LiveSession
from app.roles.services import found
from app.timeline import services as timeline
from tests.bench.table import Row
from tests.conftest import ROOT
from tests.factories import accounts, documents, roles
from tests.factories import live as live_makers
from tests.factories.recordings import dated, run_of, write_playlist

GOAL_S = 15
SLIDES = 60
BITRATE = (
    *("-tune", "zerolatency", "-b:v", "1M", "-minrate", "1M", "-maxrate", "1M", "-bufsize", "2M"),
    *("-x264-params", "nal-hrd=cbr:force-cfr=1"),
)
"""A picture that costs the encoder nothing, filled up to what a lecture has."""


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Make a lesson of segments, and each form of package of it."""
    length_s = 120 if quick else 3600
    app = _app(folder)
    with app.app_context():
        live = _lesson(app, length_s)
        size = queries.forecast(live)
        told = f"{length_s // 60} min of 720p, {size / 1e6:.0f} MB, {SLIDES} slides; load {os.getloadavg()[0]:.1f}"
        rows = [_made(live, form, told, length_s) for form in Form]
        archive = next(one for one in queries.exports_of(live.id) if one.form is Form.ARCHIVE)
        began = time.perf_counter()
        import_archive(queries.file_of(archive), owner=live.owner)
        taken_s = time.perf_counter() - began
        rows.append(Row("Archive taken in by another installation", f"{taken_s:.1f} s", told))
    shutil.rmtree(folder, ignore_errors=True)
    return rows


def _app(folder: Path) -> Flask:
    folder.mkdir(parents=True, exist_ok=True)
    app = create_app(
        {
            "DATA_DIR": folder,
            "MEDIA_ROOT": folder / "media",
            "DATABASE_URL": f"sqlite:///{folder / 'bench.sqlite3'}",
            "SECRET_KEY": "a-secret-key",
        }
    )
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        found("科学院")
    return app


def _lesson(app: Flask, length_s: int) -> LiveSession:
    teacher = roles.holding(accounts.user("teacher", "李明远"), Permission.LIVE_MANAGE)
    live = live_makers.on_air(teacher, "一小时的课")
    began = live.started_at_ms or 0
    _lead(live, documents.ready(live, pages=SLIDES, pictures=True), began, length_s)
    lives.end(live, by=teacher)
    media: Path = app.config["MEDIA_ROOT"] / live.stream_id
    write_playlist(media, dated(run_of(media, "a", length_s, size="1280x720", video=BITRATE), began))
    with unit_of_work():
        live.stream.finished, live.stream.kept_ms = True, 1000 * length_s
    return live


def _lead(live: LiveSession, document: Document, began: int, length_s: int) -> None:
    with unit_of_work():
        for number in range(SLIDES):
            shown = {"document": document.id, "page": number + 1, "step": 0}
            timeline.append(live.id, stage.SHOWN, shown, at_ms=began + 1000 * number * length_s // SLIDES)


def _made(live: LiveSession, form: Form, told: str, length_s: int) -> Row:
    began = time.perf_counter()
    export = services.request_export(live, form, Options(), by=live.owner)
    jobs.make_waiting.now()
    taken_s = time.perf_counter() - began
    made = db.session.get_one(Export, export.id, populate_existing=True)
    assert made.state == "done", made.problem
    if form is Form.COMPOSED:
        figure = f"{length_s / taken_s:.1f} × real time, {made.size_bytes / 1e6:.0f} MB"
        return Row("Courseware made: MP4 with slides", figure, told)
    return Row(f"Courseware made: {form}", f"{taken_s:.1f} s", told, f"≤ {GOAL_S} s", taken_s <= GOAL_S)
