"""Making packages, see `app.kernel.workshop`."""

from __future__ import annotations

import logging
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from ffmpeg import FFmpegError
from flask import current_app

from app.courseware import describing, queries, splitting
from app.courseware.archive import writing
from app.courseware.archive.importing import IMPORTING
from app.courseware.composing import making as composing
from app.courseware.course import Course
from app.courseware.models import UNFINISHED, Export, ExportState, Form
from app.courseware.packing import player, scorm
from app.courseware.packing.transcript import transcript
from app.courseware.packing.zips import Entry, from_file, from_text, write_zip
from app.extensions import db
from app.kernel import clock, workshop
from app.kernel.disk import FULL, without_our_data
from app.kernel.unit_of_work import lock, unit_of_work
from app.kernel.web import written_in
from app.live.models import LiveSession
from app.media.folders import folder_of
from app.replays import mp4
from app.replays import queries as replays
from app.replays.cutting.writing import complete

log = logging.getLogger(__name__)

ENDINGS = {f".{form.ending}" for form in Form}
DAY_S = 86_400
MOST_PARTS, TRIES = 99, 5
SLACK_BYTES = 16 << 20
"""Space for files that no forecast counts: directories of zips, scripts of ffmpeg."""


class Cancelled(Exception):
    """Nobody wants the package any more."""


def _sweep() -> None:
    """Remove half-made packages, and those whose time is over; only who is alone may."""
    with unit_of_work():
        for export in queries.too_old():
            db.session.delete(export)
    known = queries.known_ids()
    for left in queries.folder().iterdir():
        if left.is_dir():
            if left.name.startswith(IMPORTING) and left.stat().st_mtime > time.time() - DAY_S:
                continue  # somebody else is taking an archive in
            shutil.rmtree(left, ignore_errors=True)
        elif left.suffix in ENDINGS and left.stem not in known:
            left.unlink(missing_ok=True)


def make_one(export_id: str) -> None:
    """Make a package, whatever comes of it: it does not wait any more afterwards."""
    _sweep()
    if not _begin(export_id):
        return
    export = db.session.get_one(Export, export_id)
    try:
        problem = _made(export)
    except Cancelled:
        return  # its half-made files lie in a folder that is gone already
    except Exception:
        log.exception("export %s failed", export_id)
        db.session.rollback()
        problem = "failed"
    _end(export_id, problem)


def _begin(export_id: str) -> bool:
    with unit_of_work():
        export = db.session.get_one(Export, export_id)
        lock(export)
        if export.state not in UNFINISHED:
            return False
        export.done_bytes = export.total_bytes = 0
        return workshop.begin(export, running=ExportState.RUNNING, failed=ExportState.FAILED)


def _end(export_id: str, problem: str) -> None:
    with unit_of_work():
        export = db.session.get_one(Export, export_id)
        lock(export)
        file = queries.file_of(export)
        if export.state is not ExportState.RUNNING:  # cancelled with its last byte
            file.unlink(missing_ok=True)
            return
        export.changed_ms = clock.now_ms()
        if problem:
            export.state, export.problem = ExportState.FAILED, problem
        else:
            export.state, export.size_bytes = ExportState.DONE, file.stat().st_size


def _made(export: Export) -> str:
    """Make the file. Return the code of the problem, "" if there is none."""
    try:
        with tempfile.TemporaryDirectory(dir=queries.folder()) as work:
            _Making(export, Path(work)).make()
    except mp4.NothingRecorded:
        return "nothing_recorded"
    except mp4.Unreadable:
        log.exception("export failed")
        return "unreadable"
    except composing.DrawingFailed as error:
        log.exception("export failed")
        return str(error)
    except TooSmall:
        return "parts_too_small"
    except player.PlayerMissing:
        return "player_missing"
    except NoRoom:
        return "disk_full"  # the space left belongs to who is on air
    except (FFmpegError, OSError) as error:
        log.exception("export failed")
        return "disk_full" if FULL in str(error) else "failed"
    return ""


class TooSmall(Exception):
    """Parts of the wanted size would be too many."""


class NoRoom(Exception):
    """The package would not fit on the disk."""


class _Making:
    """One package on its way."""

    def __init__(self, export: Export, work: Path) -> None:
        self._work, self._form, self._options = work, export.form, export.wanted
        self._live: LiveSession = export.live
        self._target = queries.file_of(export)
        self._meter = _Meter(export.id)
        self._at = clock.to_datetime(self._live.ended_at_ms or clock.now_ms())

    def make(self) -> None:
        """Make it.

        Raises:
            Cancelled: nobody wants it any more.
            NoRoom: it would not fit on the disk.
        """
        made = self._work / "made"
        complete(self._live)
        if self._form is Form.TRANSCRIPT:
            self._transcript(made)
        elif self._form is Form.SOUND:
            self._sound(made)
        elif self._form is Form.COMPOSED:
            self._composed(made)
        elif self._form is Form.SLIDES:
            self._slides(made)
        else:
            is_archive = self._form is Form.ARCHIVE
            entries = self._archive() if is_archive else self._course()
            write_zip(made, entries, self._at, self._meter.more, sums=is_archive)
        made.replace(self._target)

    def _transcript(self, made: Path) -> None:
        recording = mp4.Recording(folder_of(self._live.stream_id))
        with written_in("zh_CN"):
            text = transcript(describing.described(self._live, recording, self._options).course)
        made.write_text(text, encoding="utf-8-sig")  # with a mark by which old editors know Chinese

    def _sound(self, made: Path) -> None:
        recording = mp4.Recording(folder_of(self._live.stream_id))
        size = mp4.bytes_of(folder_of(self._live.stream_id))
        self._begin(size, copies=1 + recording.copies)
        film = self._film(recording, size)
        mp4.sound_command(current_app.config["FFMPEG"], film, made).execute()

    def _composed(self, made: Path) -> None:
        media = folder_of(self._live.stream_id)
        recording = mp4.Recording(media)
        described = describing.described(self._live, recording, self._options)
        size, size_of_film = queries.forecast(self._live, self._form, self._options), mp4.bytes_of(media)
        has_film = replays.finished_film(self._live.id) is not None
        before = 0 if has_film else size_of_film
        self._begin(before + size, copies=1 if has_film else 1 + recording.copies)
        film = self._film(recording, size_of_film)
        work, view = self._work / "composing", without_our_data(current_app.config)
        work.mkdir()
        wish = composing.Wish(self._options.layout, self._options.height)
        composed = composing.compose(
            current_app.config["FFMPEG"], film, described.course, described.pictures, wish, work, view,
            lambda percent: self._meter.at(before + percent * size // 100),
        )  # fmt: skip
        if self._options.part_mb:
            parts = self._cut_film(composed, described.course)
            self._meter.begin(2 * before + 2 * composed.stat().st_size)
            write_zip(made, [from_file(part.name, part) for part in parts], self._at, self._meter.more)
        else:
            composed.replace(made)

    def _cut_film(self, film: Path, course: Course) -> list[Path]:
        """Cut an MP4 into parts of at most the size that is wanted. Raises TooSmall."""
        most_bytes = round(self._options.part_mb * 1_000_000)
        for count in self._counts(film.stat().st_size, most_bytes):
            cuts = splitting.cuts_of(course.film.length_s, course.chapters, count)
            parts = [self._cut(film, f"part-{number}", *cut) for number, cut in enumerate(cuts, 1)]
            if all(part.stat().st_size <= most_bytes for part in parts):
                return parts
        raise TooSmall

    def _cut(self, film: Path, name: str, begin_s: float, end_s: float) -> Path:
        folder = self._work / "parts"
        folder.mkdir(exist_ok=True)
        target = folder / f"{name}.mp4"
        ffmpeg: str = current_app.config["FFMPEG"]
        composing.cut(ffmpeg, film, begin_s, end_s, target, without_our_data(current_app.config))
        return target

    @staticmethod
    def _counts(whole_bytes: int, most_bytes: int) -> range:
        """Return the numbers of parts to try: as few as may do, and some more, because no film is even."""
        least = max(1, -(-whole_bytes // most_bytes))
        if least > MOST_PARTS:
            raise TooSmall
        return range(least, least + TRIES)

    def _packages(self, described: describing.Described, film: Path) -> list[Entry]:
        """Make the packages of all parts. Raises TooSmall."""
        course, most_bytes = described.course, round(self._options.part_mb * 1_000_000)
        for count in self._counts(film.stat().st_size, most_bytes):
            packages = []
            cuts = splitting.cuts_of(course.film.length_s, course.chapters, count)
            for number, (begin_s, end_s) in enumerate(cuts, 1):
                part = splitting.section_of(course, begin_s, end_s, number, count) if count > 1 else course
                cut = self._cut(film, f"film-{number}", begin_s, end_s) if count > 1 else film
                shown = splitting.pictures_of(part)
                pictures = {name: file for name, file in described.pictures.items() if name in shown}
                package = self._work / f"part-{number}.zip"
                write_zip(package, self._tree(part, pictures, cut), self._at, self._meter.more)
                packages.append(package)
            if all(package.stat().st_size <= most_bytes for package in packages):
                return [from_file(package.name, package) for package in packages]
        raise TooSmall

    def _slides(self, made: Path) -> None:
        described = describing.described(self._live, mp4.Recording(folder_of(self._live.stream_id)), self._options)
        size = queries.forecast(self._live, self._form, self._options)
        db.session.commit()
        self._begin(size, copies=0)
        work, view = self._work / "pages", without_our_data(current_app.config)
        work.mkdir()
        composing.bind(
            described.course, described.pictures, self._options.height, work, view,
            lambda percent: self._meter.at(percent * size // 100),
        ).replace(made)  # fmt: skip

    def _archive(self) -> list[Entry]:
        with written_in("zh_CN"):
            entries = writing.entries_of(self._live, folder_of(self._live.stream_id), self._options)
        db.session.commit()
        self._begin(sum(entry.size for entry in entries), copies=1)
        return entries

    def _course(self) -> list[Entry]:
        media = folder_of(self._live.stream_id)
        recording = mp4.Recording(media)
        described = describing.described(self._live, recording, self._options)
        film = replays.finished_film(self._live.id)
        db.session.commit()
        size = film.stat().st_size if film else mp4.bytes_of(media)
        rest = player.tree(described.course, described.pictures, None, 0, str(self._form))
        own = 0 if film else size  # the film is written once by itself, and once into the package
        times = 2 if self._options.part_mb else 1  # parts are written once by themselves, and once into one file
        copies = (1 if film else 1 + recording.copies) + 2 * (times - 1)
        self._begin(own + times * (size + sum(entry.size for entry in rest)), copies)
        film = self._film(recording, size)
        if self._options.part_mb:
            return self._packages(described, film)
        return self._tree(described.course, described.pictures, film)

    def _tree(self, course: Course, pictures: Mapping[str, Path], film: Path) -> list[Entry]:
        entries = player.tree(course, pictures, film, film.stat().st_size, str(self._form))
        if self._form in MANIFESTS:
            names = [entry.name for entry in entries]
            entries.insert(0, from_text("imsmanifest.xml", scorm.manifest(MANIFESTS[self._form], course, names)))
        return entries

    def _film(self, recording: mp4.Recording, size: int) -> Path:
        """Return the lesson's MP4, made already or made now; it will have about `size` bytes."""
        film = replays.finished_film(self._live.id)
        db.session.commit()
        if film is not None:
            return film
        film, folder = self._work / "film.mp4", self._work / "film"
        folder.mkdir()
        recording.make(
            current_app.config["FFMPEG"], folder, film, lambda percent: self._meter.at(percent * size // 100)
        )
        self._meter.at(size)
        return film

    def _begin(self, total_bytes: int, copies: int) -> None:
        self._meter.begin(total_bytes)
        reserve_bytes = current_app.config["DISK_RESERVE_MB"] * 2**20
        needed_bytes = max(total_bytes, copies * mp4.bytes_of(folder_of(self._live.stream_id))) + SLACK_BYTES
        if shutil.disk_usage(self._work).free < needed_bytes + reserve_bytes:
            raise NoRoom


MANIFESTS = {Form.SCORM12: scorm.V12, Form.SCORM2004: scorm.V2004}


class _Meter:
    """Notes the number of written bytes in the row of a package, not too often.

    The row also says whether it was cancelled meanwhile.
    """

    def __init__(self, export_id: str) -> None:
        self._id = export_id
        self._done = self._total = 0
        self._meter = workshop.Meter(self._write)

    def begin(self, total_bytes: int) -> None:
        """Set the expected number of bytes."""
        self._total = total_bytes
        self._meter.note(at_once=True)

    def at(self, done_bytes: int) -> None:
        """Note the number of bytes that are written."""
        self._done = max(self._done, done_bytes)
        self._meter.note()

    def more(self, count: int) -> None:
        """Note the number of bytes that were written since the last call."""
        self.at(self._done + count)

    def _write(self, now_ms: int) -> None:
        export = db.session.get(Export, self._id)
        if export is None or export.state is not ExportState.RUNNING:
            raise Cancelled
        export.done_bytes, export.total_bytes = min(self._done, self._total), self._total
        export.changed_ms = now_ms


shop = workshop.Workshop(__name__, queries.folder, next_one=queries.next_to_make, make=make_one, sweep=_sweep)
make_waiting, resume = shop.make_waiting, shop.resume
