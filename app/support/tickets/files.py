"""Pictures and logs of tickets, in a folder of each ticket. Pictures are decoded by programs with limits."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from werkzeug.datastructures import FileStorage

from app.accounts.models import User
from app.kernel import networks, pictures, storage
from app.kernel.disk import NoRoomLeft, has_room_for
from app.kernel.ids import new_id
from app.kernel.text import storable, tidied
from app.support.tickets.errors import LogRefused, TooManyFiles
from app.support.tickets.models import Attachment, Ticket

MOST_PICTURES = 5
LARGEST = pictures.Size(1920, 1920)
MOST_LOG_BYTES = 1_000_000
MOST_SENT = MOST_PICTURES * pictures.MOST_BYTES + MOST_LOG_BYTES + 200_000
"""Bytes of a whole form."""


def sent(uploads: Sequence[object]) -> list[FileStorage]:
    """Return the uploads of a field that name a file."""
    return [one for one in uploads if isinstance(one, FileStorage) and one.filename]


def keep(key: str, shown: Sequence[FileStorage], log: FileStorage | None, *, by: User | None) -> list[Attachment]:
    """Keep pictures and a log in the folder of a ticket, all of them or none.

    Raises:
        TooManyFiles, PictureRefused, LogRefused, NoRoomLeft: they are not kept.
    """
    if len(shown) > MOST_PICTURES:
        raise TooManyFiles
    kept: list[Attachment] = []
    try:
        for one in shown:
            who = str(by.id) if by else f"stranger {networks.block()}"
            pictures.charge(one, person=who, address="" if by else networks.block())
            file = _folder(key) / f"{new_id()}.webp"
            pictures.keep(one, {file: LARGEST})
            kept.append(_attachment(one, file))
        if log is not None:
            kept.append(_attachment(log, _keep_log(key, log)))
    except Exception:
        drop(key, kept)
        raise
    return kept


def drop(key: str, kept: Sequence[Attachment]) -> None:
    """Remove files of a ticket again."""
    for one in kept:
        (_folder(key) / one.name).unlink(missing_ok=True)


def drop_all(key: str) -> None:
    """Remove the folder of a ticket."""
    shutil.rmtree(_folder(key), ignore_errors=True)


def file_of(ticket: Ticket, attachment: Attachment) -> Path | None:
    """Return the path of an attachment, if its file is still there."""
    file = _folder(ticket.key) / attachment.name
    return file if file.is_file() else None


def _keep_log(key: str, log: FileStorage) -> Path:
    content = log.stream.read(MOST_LOG_BYTES + 1)
    if len(content) > MOST_LOG_BYTES or b"\0" in content:
        raise LogRefused
    try:
        words = content.decode("utf-8")
    except UnicodeDecodeError:
        raise LogRefused from None
    if not has_room_for(len(content)):
        raise NoRoomLeft
    file = _folder(key) / f"{new_id()}.txt"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(storable(words), encoding="utf-8")
    return file


def _attachment(upload: FileStorage, file: Path) -> Attachment:
    title = tidied(Path(upload.filename or "").name)[-120:]
    return Attachment(name=file.name, title=title or file.name, size_bytes=file.stat().st_size)


def _folder(key: str) -> Path:
    return storage.place("tickets") / key
