"""The disk: room for uploads, and the folders that strangers' files must not reach."""

from __future__ import annotations

import errno
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import make_url

from app.kernel.children.family import View
from app.kernel.errors import AppError

MIB = 2**20
OUT_OF_SPACE = {errno.ENOSPC, errno.EDQUOT}
"""Error numbers of a full disk or a used-up quota."""
FULL = "No space left on device"
"""ffmpeg's words for a full disk."""
SOCKETS = ("/run/postgresql", "/var/run/postgresql")
"""Sockets of a database that trusts every program with our user id."""
PROGRAMS = (Path(__file__).resolve(), Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve())
OURS = ("secrets", "documents", "chat", "covers", "proofs", "tickets", "intake", "run")
"""Folders that are hidden one by one if the data folder contains the programs themselves."""


class NoRoomLeft(AppError):
    """The disk is almost full. The rest belongs to lessons on air."""

    status = 507
    code = "no_room"
    message = _l("The server's disk is almost full.")
    mend = _l("Ask whoever runs the server to make room, then try again. Lessons go on meanwhile.")


def has_room_for(size_bytes: int) -> bool:
    """Return whether the disk can take an upload of this size.

    Recording stops at DISK_RESERVE_MB. Uploads stop UPLOAD_RESERVE_MB earlier, so that nobody can stop a recording by
    sending files.
    """
    config = current_app.config
    reserve = (config["DISK_RESERVE_MB"] + config["UPLOAD_RESERVE_MB"]) * MIB
    return bool(shutil.disk_usage(config["DATA_DIR"]).free > size_bytes + reserve)


def without_our_data(config: Mapping[str, Any]) -> View:
    """Return a view of the disk without secrets, database and files of others."""
    database = make_url(config["DATABASE_URL"])
    sockets = [folder for folder in database.normalized_query.get("host", ()) if folder.startswith("/")]
    name = database.database if database.get_backend_name() == "sqlite" else None
    files = [f"{name}{ending}" for ending in ("", "-wal", "-shm")] if name else []
    data: Path = config["DATA_DIR"]
    places = [data, config["MEDIA_ROOT"], *config["SECRET_FILES"], *SOCKETS, *sockets, *files]
    if any(program.is_relative_to(data.resolve()) for program in PROGRAMS):
        places[0:1] = [data / name for name in OURS]
    return View(tuple(Path(place).resolve() for place in places))
