"""Bringing recordings: announced, sent, told about, begun, removed."""

from __future__ import annotations

from functools import partial
from pathlib import PurePath
from typing import IO

from flask import current_app

from app.accounts.models import User
from app.courseware.intake import errors, files, jobs, queries
from app.courseware.intake.models import LONGEST_NAME, Intake, IntakeState, Part
from app.documents import formats
from app.documents.errors import OfficeMissing
from app.extensions import db
from app.kernel import clock, uploads, web
from app.kernel.disk import NoRoomLeft, has_room_for
from app.kernel.text import file_name, one_line
from app.kernel.unit_of_work import lock, unit_of_work
from app.kernel.uploads import UnknownUpload, WrongOffset
from app.live.models import LONGEST_SUBJECT

ENDINGS = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".zip")
MOST_OPEN = 5
"""Recordings of one person that are on their way at a time."""
ROOM = 3
"""Space that a recording needs until it is a replay, in its sizes: the file, its segments, and a copy."""


def announce(name: str, size_bytes: int, *, by: User) -> Intake:
    """Begin an upload by its name and size. Its bytes follow.

    Raises:
        WrongKind, Empty, TooLarge, TooMany, UnitFull, NoRoomLeft: it is not accepted.
    """
    name = file_name(name, LONGEST_NAME)
    most_mb: int = current_app.config["RECORDING_MOST_MB"]
    if PurePath(name.lower()).suffix not in ENDINGS:
        raise errors.WrongKind
    _refuse_size(size_bytes, most_mb)
    with unit_of_work():
        lock(by)  # two of her pages must not both take the last place
        if queries.open_of(by) >= MOST_OPEN:
            raise errors.TooMany
        _refuse_over_quota(by, size_bytes)
        subject = PurePath(name).stem[:LONGEST_SUBJECT]
        intake = Intake(by_id=by.id, name=name, size_bytes=size_bytes, subject=subject)
        db.session.add(intake)
        db.session.flush()
        files.begin(intake.id, Part.RECORDING)
    return intake


def announce_slides(intake: Intake, name: str, size_bytes: int) -> None:
    """Begin the upload of the slides of a video, in place of earlier ones.

    Raises:
        WrongSlides, OfficeMissing, Empty, TooLarge, UnitFull, NoRoomLeft: the file is not accepted.
        NotAsking: the recording needs none, or is on its way already.
    """
    name = file_name(name, LONGEST_NAME)
    ending = formats.ending_of(name)
    if ending not in formats.TAKEN:
        raise errors.WrongSlides
    if ending in formats.OFFICE and not formats.office_is_here():
        raise OfficeMissing
    _refuse_size(size_bytes, current_app.config["DOCUMENT_MOST_MB"])
    with unit_of_work():
        _lock_asking(intake)
        _refuse_over_quota(db.session.get_one(User, intake.by_id), size_bytes - intake.slides_bytes)
        intake.slides_name, intake.slides_bytes, intake.slides_received = name, size_bytes, 0
        files.begin(intake.id, Part.SLIDES)


def drop_slides(intake: Intake) -> None:
    """Forget the slides of a video."""
    with unit_of_work() as after_commit:
        _lock_asking(intake)
        intake.slides_name, intake.slides_bytes, intake.slides_received = "", 0, 0
        after_commit(lambda: files.file_of(intake.id, Part.SLIDES).unlink(missing_ok=True))


def take(intake: Intake, part: Part, body: IO[bytes], *, at: int) -> int:
    """Append bytes at the offset `at`. Return the new number of bytes.

    The last byte of an archive has it made, that of a video has its person asked.

    Raises:
        WrongOffset, MoreThanAnnounced, UnknownUpload: see `app.kernel.uploads`.
    """
    if not has_room_for(0):
        raise NoRoomLeft
    if not _is_coming(intake, part):
        raise WrongOffset
    intake_id, most = intake.id, size_of(intake, part)
    db.session.commit()  # a slow network line must not hold a database connection
    try:
        uploads.append(files.file_of(intake_id, part), body, at=at, most=most)
    finally:
        arrived = settle(intake, part)
    return arrived


def settle(intake: Intake, part: Part) -> int:
    """Store the progress of an upload. Return the number of bytes that are here.

    Raises:
        UnknownUpload: it was removed meanwhile.
    """
    with unit_of_work() as after_commit:
        if db.session.get(Intake, intake.id, with_for_update=True, populate_existing=True) is None:
            raise UnknownUpload
        arrived = files.received(intake.id, part)
        if not _is_coming(intake, part):
            return arrived
        intake.changed_ms = clock.now_ms()
        if part is Part.SLIDES:
            intake.slides_received = arrived
        else:
            intake.received_bytes = arrived
            if arrived >= intake.size_bytes:
                intake.state = IntakeState.ASKING if intake.is_video else IntakeState.WAITING
                after_commit(jobs.make_waiting.later)
    return arrived


def tell(intake: Intake, subject: str, began_ms: int | None) -> None:
    """Store subject and time of a video, and have its replay made.

    Raises:
        NothingTold: subject or time are missing.
        NotAsking: it is on its way already.
    """
    subject = one_line(subject) or ""
    if not subject or len(subject) > LONGEST_SUBJECT or began_ms is None or not 0 < began_ms < clock.now_ms():
        raise errors.NothingTold
    with unit_of_work() as after_commit:
        _lock_asking(intake)
        if intake.slides_name and not intake.has_slides:  # an upload that was given up
            intake.slides_name, intake.slides_bytes, intake.slides_received = "", 0, 0
        intake.subject, intake.began_ms = subject, began_ms
        intake.state, intake.changed_ms = IntakeState.WAITING, clock.now_ms()
        after_commit(jobs.make_waiting.later)


def try_again(intake: Intake) -> None:
    """Make it once more; of a video, ask first. Raises NotAsking."""
    with unit_of_work() as after_commit:
        lock(intake)
        if intake.state is not IntakeState.FAILED or not files.received(intake.id, Part.RECORDING):
            raise errors.NotAsking
        intake.state = IntakeState.ASKING if intake.is_video else IntakeState.WAITING
        intake.problem, intake.attempts, intake.percent, intake.changed_ms = "", 0, 0, clock.now_ms()
        after_commit(jobs.make_waiting.later)


def remove(intake: Intake) -> None:
    """Stop an upload or what is made of it, and forget it. A replay that was made stays."""
    with unit_of_work() as after_commit:
        lock(intake)
        after_commit(partial(files.remove, intake.id))
        db.session.delete(intake)


def size_of(intake: Intake, part: Part) -> int:
    """Return the announced bytes of a part."""
    return intake.slides_bytes if part is Part.SLIDES else intake.size_bytes


def _is_coming(intake: Intake, part: Part) -> bool:
    if part is Part.SLIDES:
        return intake.state is IntakeState.ASKING and bool(intake.slides_name)
    return intake.state is IntakeState.UPLOADING


def _lock_asking(intake: Intake) -> None:
    lock(intake)
    if intake.state is not IntakeState.ASKING:
        raise errors.NotAsking


def _refuse_over_quota(by: User, more_bytes: int) -> None:
    taken, most = queries.bytes_of_unit(by.unit_id), current_app.config["UNIT_RECORDINGS_MB"] * 1_000_000
    if taken + more_bytes > most:
        raise errors.UnitFull(web.as_bytes(taken), web.as_bytes(most))


def _refuse_size(size_bytes: int, most_mb: int) -> None:
    if size_bytes <= 0:
        raise errors.Empty
    if size_bytes > most_mb * 1_000_000:
        raise errors.TooLarge(web.as_bytes(most_mb * 1_000_000))
    if not has_room_for(ROOM * size_bytes):
        raise NoRoomLeft
