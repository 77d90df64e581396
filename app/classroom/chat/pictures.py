"""Pictures in messages: no larger than a screen, in a folder of their lesson."""

from __future__ import annotations

import re
import time
from pathlib import Path

from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from app.classroom.chat.models import Message
from app.extensions import db
from app.kernel import pictures, storage
from app.kernel.ids import new_id

LARGEST = pictures.Size(1600, 1600)
NAME = re.compile(r"[0-9a-z]{8,40}")
UNSENT_S = 3600
"""A picture whose message was not sent within an hour is removed."""


def keep(live_id: str, upload: FileStorage) -> str:
    """Keep a picture and give its name.

    Raises:
        PictureTooLarge, PictureUnreadable, PicturesBusy, NoRoomLeft: it is not kept.
    """
    name = new_id()
    pictures.keep(upload, {_folder(live_id) / f"{name}.webp": LARGEST})
    return name


def file_of(live_id: str, name: str) -> Path | None:
    """Find a picture of a lesson."""
    file = _folder(live_id) / f"{name}.webp"
    return file if NAME.fullmatch(name) and file.exists() else None


def drop(live_id: str, name: str) -> None:
    """Take a picture away; with the message it was in."""
    file = file_of(live_id, name)
    if file is not None:
        file.unlink(missing_ok=True)


def remove_unsent() -> None:
    """Remove the pictures that are in no message. Called by the clockwork."""
    before = time.time() - UNSENT_S
    root = storage.place("chat")
    for folder in root.iterdir() if root.exists() else ():
        old = [file for file in folder.glob("*") if file.stat().st_mtime < before]
        if old:
            wanted = select(Message.picture).where(Message.live_id == folder.name, Message.picture != "")
            sent = set(db.session.scalars(wanted))
            for file in old:
                if file.stem not in sent:
                    file.unlink(missing_ok=True)


def _folder(live_id: str) -> Path:
    return storage.place("chat") / live_id
