"""Making replays of what was brought, see `app.kernel.workshop`."""

from __future__ import annotations

import logging
import shutil
import tempfile
import time
from functools import partial
from pathlib import Path

from flask import current_app

from app.accounts.models import User
from app.courseware.archive import importing
from app.courseware.archive.importing import ArchiveRefused
from app.courseware.intake import files, making, queries
from app.courseware.intake.making import Making, Refusal, Told
from app.courseware.intake.models import UNFINISHED, Intake, IntakeState, Part
from app.extensions import db
from app.kernel import clock, workshop
from app.kernel.disk import OUT_OF_SPACE, NoRoomLeft, has_room_for, without_our_data
from app.kernel.unit_of_work import lock, unit_of_work
from app.kernel.web import written_in
from app.live.models import LiveSession

log = logging.getLogger(__name__)

STORED = 96
"""Percent when everything is made and is only to be stored."""
DAY_S = 86_400


class Unwanted(Exception):
    """The person has removed the recording."""


def _sweep() -> None:
    """Remove what is half made, what nobody has touched for days, and folders of which nobody knows."""
    for intake in queries.too_old(clock.now_ms()):
        with unit_of_work() as after_commit:
            after_commit(partial(files.remove, intake.id))
            db.session.delete(intake)
    known = queries.known_ids()
    for folder in files.root().iterdir():
        if folder.is_dir():
            for work in folder.glob(f"{files.WORK}*"):
                shutil.rmtree(work, ignore_errors=True)
            if folder.name not in known and folder.stat().st_mtime < time.time() - DAY_S:
                shutil.rmtree(folder, ignore_errors=True)
    importing.sweep()


def make_one(intake_id: str) -> None:
    """Make a replay, whatever comes of it: it does not wait any more afterwards."""
    if not _begin(intake_id):
        return
    try:
        with tempfile.TemporaryDirectory(dir=files.folder_of(intake_id), prefix=files.WORK) as work, \
                written_in("zh_CN"):  # fmt: skip
            _make(db.session.get_one(Intake, intake_id), Path(work))
        problem = ""
    except Unwanted:
        problem = ""
    except (Refusal, ArchiveRefused) as refusal:
        log.info("intake %s: %s", intake_id, refusal)
        problem = getattr(refusal, "problem", "") or str(refusal)
    except NoRoomLeft:
        problem = "disk_full"
    except Exception as error:
        log.exception("intake %s failed", intake_id)
        db.session.rollback()
        problem = "disk_full" if getattr(error, "errno", 0) in OUT_OF_SPACE else "failed"
    if problem:
        _fail(intake_id, problem)
    else:
        files.remove(intake_id)


def _begin(intake_id: str) -> bool:
    with unit_of_work():
        intake = db.session.get(Intake, intake_id, with_for_update=True, populate_existing=True)
        if intake is None or intake.state not in UNFINISHED:
            return False
        intake.percent = 0
        return workshop.begin(intake, running=IntakeState.RUNNING, failed=IntakeState.FAILED)


def _fail(intake_id: str, problem: str) -> None:
    with unit_of_work():
        intake = db.session.get(Intake, intake_id, with_for_update=True, populate_existing=True)
        if intake is not None:
            intake.changed_ms, intake.problem, intake.state = clock.now_ms(), problem, IntakeState.FAILED


def _finish(intake_id: str, live: LiveSession) -> None:
    """Note the lesson in the transaction that stores it: a process that is killed then makes no second one."""
    intake = db.session.get(Intake, intake_id, with_for_update=True, populate_existing=True)
    if intake is None:
        raise Unwanted
    intake.changed_ms, intake.problem, intake.percent = clock.now_ms(), "", 100
    intake.state, intake.live_id = IntakeState.DONE, live.id


def _make(intake: Intake, work: Path) -> None:
    """Make it. Raises Refusal, ArchiveRefused, NoRoomLeft, Unwanted."""
    owner, meter, made = db.session.get_one(User, intake.by_id), _Meter(intake.id), partial(_finish, intake.id)
    source, slides = files.file_of(intake.id, Part.RECORDING), files.file_of(intake.id, Part.SLIDES)
    name, has_slides, slides_name = intake.name, intake.has_slides, intake.slides_name
    size_bytes, is_video = intake.size_bytes, intake.is_video
    told = Told(intake.subject, intake.began_ms)
    db.session.commit()  # what follows takes minutes
    if not has_room_for(2 * size_bytes):
        raise NoRoomLeft
    view, folder = without_our_data(current_app.config), work / "archive"
    if not is_video:
        opened = work / "opened"
        opened.mkdir()
        if making.open_zip(source, opened, view, meter.at) == "archive":

            def unpacked(done: int) -> None:
                meter.at(STORED * done // max(done, size_bytes))

            importing.import_archive(source, owner=owner, report=unpacked, withheld=True, made=made)
            return
        told = making.told_by_bigbluebutton(opened, Path(name).stem)
        source, slides, slides_name = opened / "film", opened / "slides.pdf", "slides.pdf"
        has_slides = slides.exists()
    Making(told, work, folder, view, meter.at).make(source, slides if has_slides else None, slides_name)
    meter.at(STORED)
    importing.make_lesson(folder, owner=owner, withheld=True, made=made)


class _Meter:
    """Notes the progress of a recording in its row, not too often. The row is gone when it is wanted no more."""

    def __init__(self, intake_id: str) -> None:
        self._id, self._percent = intake_id, 0
        self._meter = workshop.Meter(self._write)

    def at(self, percent: int) -> None:
        """Note it. Raises Unwanted."""
        self._percent = max(self._percent, percent)
        self._meter.note(at_once=percent >= STORED)

    def _write(self, now_ms: int) -> None:
        intake = db.session.get(Intake, self._id)
        if intake is None:
            raise Unwanted
        lock(intake)
        intake.percent, intake.changed_ms = min(99, self._percent), now_ms


shop = workshop.Workshop(__name__, files.root, next_one=queries.next_to_make, make=make_one, sweep=_sweep)
make_waiting, resume = shop.make_waiting, shop.resume
