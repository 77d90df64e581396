"""An archive becomes a lesson again: one that is over, with its replay, its slides and its words."""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import SQLAlchemyError

from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.classroom.engine import frames
from app.classroom.polls.models import Poll
from app.courseware import queries
from app.courseware.archive import rows
from app.courseware.archive.reading import URI
from app.courseware.archive.writing import LESSON, PLAYLISTS
from app.documents import files
from app.extensions import db
from app.kernel import storage
from app.kernel.children.family import Family, Rules
from app.kernel.disk import NoRoomLeft, has_room_for, without_our_data
from app.kernel.errors import AppError
from app.kernel.ids import new_id
from app.kernel.unit_of_work import unit_of_work
from app.kernel.web import written_in
from app.live import subjects
from app.live.lifecycle import LiveState
from app.live.models import LONGEST_SUBJECT, Audience, EndedBy, LiveMode, LiveSession, RecordingPolicy
from app.live.planning import services as planning
from app.live.planning.plans import Plan
from app.media.folders import folder_of
from app.media.models import IMPORTED, Stream
from app.replays.captions import services as captions
from app.replays.captions.formats import Cue, vtt_of
from app.replays.mp4.parts import parts_of
from app.timeline.models import Event, Head

log = logging.getLogger(__name__)

RULES = Rules(memory_bytes=1_000_000_000, cpu_s=1800, file_bytes=20_000_000_000, network="try")
"""A segment is small, so that only the lists of a day's files take memory; SHA-256 does half a gigabyte a second."""
IMPORTING = "import-"
"""Beginning of the names of folders in which archives are unpacked."""
UNFOLDS = 3
"""Maximum size of an unpacked archive, in its sizes: segments and pictures are not compressed."""
WHOLE_S = 3600
"""Silence of the program after which it is given up, s."""
MOST_MS = 4_102_444_800_000
"""The year 2100."""

PROBLEMS = {
    "no_archive": _l("This file is no course archive."),
    "newer": _l("This archive was made by a newer version. Update this installation first."),
    "damaged": _l("This archive is damaged or incomplete. Copy it again from where it was made."),
    "foreign": _l("This archive holds something that does not belong into one, and was not unpacked."),
    "too_large": _l("This archive unfolds to more than it should, and was not unpacked."),
    "disk_full": _l("The server's disk is almost full. Tell the administrator, then try again."),
}


class ArchiveRefused(AppError):
    """An archive is not taken; nothing of it stays."""

    code = "courseware.archive_refused"
    mend = _l("Nothing was imported.")

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(PROBLEMS[problem])


Report = Callable[[int], None]
"""Is told how many bytes are unpacked."""
Made = Callable[[LiveSession], None]
"""Is told of the lesson within the transaction that stores it; what it raises leaves nothing of it."""
MARK = "importing"
"""File in the folder of a recording whose lesson is not stored yet."""
LEFT_S = 86_400
"""Time after which a lesson that is not stored yet was left by a process that was killed."""


def import_archive(
    archive: Path, *, owner: User, report: Report = lambda _done: None, withheld: bool = False,
    made: Made = lambda _live: None,
) -> LiveSession:  # fmt: skip
    """Make a lesson of an archive, taught by `owner` in the name of her unit and shown to that unit.

    Raises:
        ArchiveRefused: it is none, or not as it must be.
        NoRoomLeft: the disk is almost full.
    """
    most_bytes = UNFOLDS * archive.stat().st_size + 100_000_000
    if not has_room_for(2 * archive.stat().st_size):
        raise NoRoomLeft
    queries.folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=queries.folder(), prefix=IMPORTING) as work:
        folder = Path(work) / "archive"
        folder.mkdir()
        _unpack(archive, Path(work), folder, most_bytes, report)
        return make_lesson(folder, owner=owner, withheld=withheld, made=made)


def make_lesson(folder: Path, *, owner: User, withheld: bool = False, made: Made = lambda _live: None) -> LiveSession:
    """Make a lesson of the folder of an archive; `withheld` leaves its replay to its presenters for now.

    Raises:
        ArchiveRefused: it is not as it must be.
    """
    return _Import(folder, owner, withheld=withheld).make(made)


def sweep() -> None:
    """Remove the media that a killed process has laid out for a lesson that it did not get to store."""
    for mark in folder_of("").glob(f"*/{MARK}"):
        if mark.stat().st_mtime < time.time() - LEFT_S:
            if db.session.get(Stream, mark.parent.name) is None:
                shutil.rmtree(mark.parent, ignore_errors=True)
            else:
                mark.unlink(missing_ok=True)


def _unpack(archive: Path, work: Path, folder: Path, most_bytes: int, report: Report) -> None:
    """Have a program with limits unpack it. Raises ArchiveRefused."""
    view = without_our_data(current_app.config).with_shown(archive.resolve())
    with Family(work, view) as family:
        family.start_own(
            "reading", "app.courseware.archive.reading", RULES, str(archive.resolve()), str(folder), str(most_bytes)
        )
        while (said := family.hear(WHOLE_S)) is not None and said.line is not None:
            message = said.message
            if "refused" in message:
                raise ArchiveRefused(message["refused"])
            if message.get("whole"):
                return
            report(int(message["done"]))
    raise ArchiveRefused("damaged")


class _Import:
    """One archive that was unpacked and looked through."""

    def __init__(self, folder: Path, owner: User, *, withheld: bool) -> None:
        self._folder, self._owner, self._withheld = folder, owner, withheld
        self._documents: dict[str, str] = {}
        self._polls: dict[int, int] = {}
        self._moved: list[Path] = []

    def make(self, made: Made) -> LiveSession:
        """Make the lesson; all of it or nothing. Raises ArchiveRefused."""
        try:
            with unit_of_work() as after_commit:
                live = self._lesson(json.loads((self._folder / "course.json").read_text()))
                for name in rows.TABLES:
                    for row in self._lines(f"rows/{name}.jsonl"):
                        self._row(name, row, live.id)
                self._events(live.id)
                self._files(live)
                db.session.flush()
                _try_out(live)
                audit.record(Action.COURSE_IMPORTED, by_id=self._owner.id, unit_id=live.unit_id, what=live.subject)
                made(live)
                mark = folder_of(live.stream_id) / MARK
                after_commit(lambda: mark.unlink(missing_ok=True))
        except ArchiveRefused:
            self._undo()
            raise
        except (ValueError, KeyError, TypeError, AttributeError, LookupError, SQLAlchemyError) as error:
            log.exception("an archive cannot be read")
            self._undo()
            raise ArchiveRefused("damaged") from error
        except BaseException:
            self._undo()
            raise
        return live

    def _undo(self) -> None:
        db.session.rollback()
        for folder in self._moved:
            shutil.rmtree(folder, ignore_errors=True)

    def _lesson(self, told: Mapping[str, Any]) -> LiveSession:
        lesson, stream = told["lesson"], told["stream"]
        if set(lesson) < set(LESSON):
            raise ArchiveRefused("damaged")
        times = {name: _moment(lesson[name]) for name in LESSON if name.endswith("_ms")}
        subject = str(lesson["subject"])[:LONGEST_SUBJECT]
        plan = Plan(
            subject=subjects.next_free(subject, self._owner) if subjects.is_taken(subject) else subject,
            abstract=str(lesson["abstract"]),
            audience=Audience.DEPARTMENT,
            mode=LiveMode(lesson["mode"]),
            recording_policy=RecordingPolicy(lesson["recording_policy"]),
            starts_at_ms=times["starts_at_ms"],
            ends_at_ms=times["ends_at_ms"],
        )
        live = planning.schedule(plan, owner=self._owner)
        live.state, live.state_since_ms = LiveState.ENDED, times["ended_at_ms"]
        live.started_at_ms, live.ended_at_ms = times["started_at_ms"], times["ended_at_ms"]
        live.ended_by, live.guests = EndedBy(lesson["ended_by"]), False
        live.replay_hidden = self._withheld
        its = live.stream
        its.air, its.record = _stretches(stream["air"]), _stretches(stream["record"])
        its.kept_ms, its.kept_bytes = int(stream["kept_ms"]), int(stream["kept_bytes"])
        its.ended = its.finished = True
        its.way = IMPORTED
        return live

    def _lines(self, name: str) -> Iterator[dict[str, Any]]:
        file = self._folder / name
        if not file.exists():
            return
        with file.open() as lines:
            for line in lines:
                told = json.loads(line)
                if not isinstance(told, dict):
                    raise ArchiveRefused("damaged")
                yield told

    def _row(self, name: str, told: Mapping[str, Any], live_id: str) -> None:
        table = rows.table_of(name)
        values = {column: _judged(table.c[column], told[column]) for column in rows.columns_of(name) if column in told}
        for key in rows.KEYS & values.keys():
            if not (values[key].startswith("x") and values[key][1:].isdecimal()):
                raise ArchiveRefused("damaged")  # a key of ours would make a stranger's words those of a person here
        if "live_id" in table.c:
            values["live_id"] = live_id
        if name == "document":
            old, values["id"] = values["id"], new_id()
            self._documents[old] = values["id"]
        elif name == "document_page":
            values["document_id"] = self._documents[values["document_id"]]
            if not all(files.KEY.fullmatch(step) for step in values["steps"]):
                raise ArchiveRefused("damaged")
        elif name == "poll_vote":
            values["poll_id"] = self._polls[values["poll_id"]]
        self._store(name, values, live_id)

    def _store(self, name: str, values: dict[str, Any], live_id: str) -> None:
        match name:
            case "replay_captions":
                self._captions(live_id, values)
            case "poll":
                number = values.pop("id")
                poll = Poll(**values)
                db.session.add(poll)
                db.session.flush()
                self._polls[number] = poll.id
            case _:
                if name == "replay_chapter_edit":
                    del values["id"]
                db.session.execute(sa.insert(rows.table_of(name)).values(values))

    def _captions(self, live_id: str, values: Mapping[str, Any]) -> None:
        """Have captions judged as those of a file that somebody uploads."""
        text = vtt_of([Cue(int(start), int(end), str(words)) for start, end, words in values["rows"]])
        live = db.session.get_one(LiveSession, live_id)
        try:
            captions.put(live, values["language"], text.encode(), by=self._owner)
        except AppError as error:
            raise ArchiveRefused("damaged") from error

    def _events(self, live_id: str) -> None:
        known, last, lines = frames.kinds(), 0, []
        for told in self._lines("events.jsonl"):
            number, payload = int(told["id"]), told["payload"]
            if number <= last or told["kind"] not in known or not isinstance(payload, dict):
                raise ArchiveRefused("damaged")
            if "document" in payload:
                payload["document"] = self._documents[payload["document"]]
            if "poll" in payload:
                payload["poll"] = self._polls.get(payload["poll"], 0)
            last = number
            lines.append(
                {
                    "live_id": live_id,
                    "id": number,
                    "at_ms": _moment(told["at_ms"]),
                    "kind": told["kind"],
                    "payload": payload,
                }
            )
        db.session.execute(sa.update(Head).where(Head.live_id == live_id).values(last_id=last))
        if lines:
            db.session.execute(sa.insert(Event), lines)

    def _files(self, live: LiveSession) -> None:
        media = folder_of(live.stream_id)
        for name in ("full", "segments"):
            self._folder_for(media / name)
        self._moved.append(media)
        (media / MARK).touch()
        for file in (self._folder / "media").iterdir():
            assert URI.fullmatch(file.name)
            shutil.move(file, media / ("full" if file.name in PLAYLISTS else "segments") / file.name)
        _write_index(media)
        for old, new in self._documents.items():
            self._move(self._folder / "documents" / old, files.folder_of(new))
        self._move(self._folder / "chat", storage.place("chat") / live.id)

    def _folder_for(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)

    def _move(self, source: Path, target: Path) -> None:
        if source.is_dir():
            target.parent.mkdir(parents=True, exist_ok=True)
            self._moved.append(target)
            shutil.move(source, target)


def _write_index(media: Path) -> None:
    """Write when each segment was captured, as media_worker does: learning hours are counted by it."""
    lines = []
    for part in parts_of((media / "full" / "source.m3u8").read_text()):
        at_ms = 0.0
        for (_name, length_s), captured_ms in zip(part.segments, part.captured_ms, strict=True):
            at_ms = at_ms if captured_ms is None else float(captured_ms)
            piece = {"start_ms": round(at_ms, 3), "duration_ms": round(length_s * 1000, 3)}
            lines.append(json.dumps({"source": piece}) + "\n")
            at_ms += length_s * 1000
    (media / "index.jsonl").write_text("".join(lines))


def _judged(column: sa.Column[Any], value: Any) -> Any:
    """Return a value as a column takes it. Raises ArchiveRefused."""
    if value is None:
        if not column.nullable:
            raise ArchiveRefused("damaged")
        return None
    kind = column.type
    with suppress(ValueError):
        if isinstance(kind, sa.Enum):
            return kind.enum_class(value) if kind.enum_class else value
        if isinstance(kind, sa.JSON):
            return value if isinstance(value, list | dict) else _refuse()
        if isinstance(kind, sa.Boolean):
            return value if isinstance(value, bool) else _refuse()
        if isinstance(kind, sa.Integer):
            is_number = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**62
            return value if is_number else _refuse()
        fits = (
            isinstance(value, str) and "\0" not in value and len(value) <= (getattr(kind, "length", None) or 1_000_000)
        )
        return value if fits else _refuse()
    raise ArchiveRefused("damaged")


def _refuse() -> Any:
    raise ArchiveRefused("damaged")


def _moment(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value < MOST_MS:
        raise ArchiveRefused("damaged")
    return value


def _stretches(value: Any) -> list[list[int | None]]:
    return [[_moment(begin), _moment(end)] for begin, end in value]


def _try_out(live: LiveSession) -> None:
    """Show every event once, as pages will ask for it: what cannot be shown is no archive of ours."""
    with current_app.test_request_context(), written_in("zh_CN"):
        last = 0
        while events := db.session.scalars(
            sa.select(Event).where(Event.live_id == live.id, Event.id > last).order_by(Event.id).limit(500)
        ).all():
            frames.encode(events, frames.VARIANTS)
            last = events[-1].id
