"""How long it takes to make a package of an hour of 720p with sixty slides, in the process that makes it.

The lesson rested twice, and its encoder was lost once. Its picture and its sound blink together, so that the packages
also say how far they are apart at the beginning and at the end.
"""

from __future__ import annotations

import os
import shutil
import time
import zipfile
from pathlib import Path
from typing import Any

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
from app.replays.mp4 import boxes
from app.roles.services import found
from app.timeline import services as timeline
from tests.bench.table import Row
from tests.conftest import ROOT
from tests.factories import accounts, documents, roles
from tests.factories import live as live_makers
from tests.factories.blinking import beeps_of, blinks, flashes_of
from tests.factories.recordings import dated, run_of, without, write_playlist

GOAL_S = 15
MOST_APART_MS = 40
BLINKS_EVERY_S = 5
LOST_MS = 20_000
"""Time until another encoder takes the place of the lost one."""
CAMERA = (1120, 180)
"""A spot of the camera's picture in a composed one of 720p."""
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
        rows += [
            _in_step("the MP4", _film(live, folder), (0, 0)),
            _in_step("the MP4 with slides", _file(live, Form.COMPOSED), CAMERA),
        ]
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
    kept_s = _record(media, began, length_s)
    with unit_of_work():
        live.stream.finished, live.stream.kept_ms = True, 1000 * kept_s
    return live


def _record(media: Path, began: int, length_s: int) -> int:
    """Write a recording with two pauses and a lost encoder; return its length in s."""
    first_s, pause_s = 5 * length_s // 6, length_s // 60
    looks: dict[str, Any] = {"size": "1280x720", "video": BITRATE, **blinks(BLINKS_EVERY_S)}
    one, other = run_of(media, "a", first_s, **looks), run_of(media, "b", length_s - first_s, **looks)
    parts, at_s = [], 0
    for pause_at_s in (length_s // 4, length_s // 2):
        part, one = without(one, pause_at_s - at_s, pause_at_s - at_s + pause_s - 1)
        parts.append(dated(part, began + 1000 * at_s))
        at_s = pause_at_s + pause_s
    parts += [dated(one, began + 1000 * at_s), dated(other, began + 1000 * first_s + LOST_MS)]
    write_playlist(media, *parts)
    return length_s - 2 * pause_s


def _lead(live: LiveSession, document: Document, began: int, length_s: int) -> None:
    with unit_of_work():
        for number in range(SLIDES):
            shown = {"document": document.id, "page": number + 1, "step": 0}
            timeline.append(live.id, stage.SHOWN, shown, at_ms=began + 1000 * number * length_s // SLIDES)


def _made(live: LiveSession, form: Form, told: str, length_s: int) -> Row:
    forecast, began = queries.forecast(live, form), time.perf_counter()
    export = services.request_export(live, form, Options(), by=live.owner)
    jobs.make_waiting.now()
    taken_s = time.perf_counter() - began
    made = db.session.get_one(Export, export.id, populate_existing=True)
    assert made.state == "done", made.problem
    told = f"{told}; forecast {forecast / 1e6:.1f} MB, is {made.size_bytes / 1e6:.1f} MB"
    if form is Form.COMPOSED:
        figure = f"{length_s / taken_s:.1f} × real time, {made.size_bytes / 1e6:.0f} MB"
        return Row("Courseware made: MP4 with slides", figure, told)
    return Row(f"Courseware made: {form}", f"{taken_s:.1f} s", told, f"≤ {GOAL_S} s", taken_s <= GOAL_S)


def _file(live: LiveSession, form: Form) -> Path:
    return queries.file_of(next(one for one in queries.exports_of(live.id) if one.form is form))


def _film(live: LiveSession, folder: Path) -> Path:
    """Take the MP4 out of the web page."""
    with zipfile.ZipFile(_file(live, Form.WEB)) as package:
        return Path(package.extract("media/lesson.mp4", folder))


def _in_step(what: str, film: Path, spot: tuple[int, int]) -> Row:
    """Hold the beeps of the first and of the last minutes against the flashes there."""
    length_s = boxes.read_movie(film)[boxes.PICTURE][1].end_s
    span_s, told, worst_ms = min(120.0, length_s / 3), [], 0.0
    for name, from_s in (("beginning", 0.0), ("end", length_s - span_s)):
        beeps = beeps_of(film, from_s=from_s, length_s=span_s)
        flashes = flashes_of(film, spot=spot, from_s=from_s, length_s=span_s)
        apart_ms = [1000 * (min(beeps, key=lambda beep, at=at: abs(beep - at)) - at) for at in flashes[1:-1]]
        assert len(apart_ms) > span_s / BLINKS_EVERY_S / 2, "it blinks"
        told.append(f"{name} {min(apart_ms):+.0f} … {max(apart_ms):+.0f} ms")
        worst_ms = max(worst_ms, *map(abs, apart_ms))
    beside = f"{length_s / 60:.0f} min, two pauses, one encoder lost; + is sound after picture"
    return Row(
        f"Sound against picture in {what}", ", ".join(told), beside, f"≤ {MOST_APART_MS} ms", worst_ms <= MOST_APART_MS
    )
