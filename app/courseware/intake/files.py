"""Files of recordings on their way in: a folder for each, and the file of each part in it."""

from __future__ import annotations

import shutil
from pathlib import Path

from app.courseware.intake.models import Part
from app.kernel import storage

WORK = "work-"
"""Beginning of the names of folders in which something is made."""


def root() -> Path:
    """Return the folder that holds the folders of all intakes."""
    return storage.place("intake")


def folder_of(intake_id: str) -> Path:
    """Return the folder of an intake."""
    return root() / intake_id


def file_of(intake_id: str, part: Part) -> Path:
    """Return the file in which the bytes of a part are gathered, and lie when they are all there."""
    return folder_of(intake_id) / str(part)


def begin(intake_id: str, part: Part) -> None:
    """Make an empty file for a part."""
    folder_of(intake_id).mkdir(mode=0o700, parents=True, exist_ok=True)
    file_of(intake_id, part).unlink(missing_ok=True)
    file_of(intake_id, part).touch(mode=0o600)


def received(intake_id: str, part: Part) -> int:
    """Return the number of bytes of a part that are here."""
    file = file_of(intake_id, part)
    return file.stat().st_size if file.exists() else 0


def remove(intake_id: str) -> None:
    """Remove all files of an intake."""
    shutil.rmtree(folder_of(intake_id), ignore_errors=True)
