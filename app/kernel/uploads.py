"""Gathers the bytes of an upload on disk as they come.

The size of the file is the truth about an upload's progress: it outlives every process. Each block is appended under a
lock of the file, and only if it follows the bytes there. So a connection that was believed dead and comes to life
beside its successor can spoil nothing: the slower of the two gets an error.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from flask_babel import lazy_gettext as _l

from app.kernel.disk import OUT_OF_SPACE, NoRoomLeft
from app.kernel.errors import AppError, Conflict, NotFound

BLOCK = 65_536
CHUNK_BYTES = 4_000_000
"""Bytes of one request: few enough that a break costs little, many enough to be quick."""


class UnknownUpload(NotFound):
    """There is no such upload, or it belongs to another person, was cancelled or lay about for too long."""

    code = "upload.gone"
    message = _l("This upload is gone.")
    mend = _l("Choose the file again.")


class WrongOffset(Conflict):
    """The bytes do not follow those that have arrived."""

    code = "upload.offset"
    message = _l("The upload went on elsewhere.")


class MoreThanAnnounced(AppError):
    """The bytes go beyond the announced end."""

    status = 413
    code = "upload.too_much"
    message = _l("More came than the file has.")


def append(gathered: Path, body: IO[bytes], *, at: int, most: int) -> None:
    """Append `body` block by block. Written blocks stay if it breaks off.

    Args:
        gathered: the file in which the bytes of the upload are gathered. It is there as long as the upload is wanted.
        body: the bytes.
        at: number of bytes that have arrived, according to the sender.
        most: number of bytes of the whole file.

    Raises:
        WrongOffset: more or fewer bytes have arrived, or another connection appends.
        MoreThanAnnounced: the body goes beyond the end of the file.
        NoRoomLeft: the disk is full.
        UnknownUpload: no such upload is under way.
    """
    try:
        file = os.open(gathered, os.O_WRONLY | os.O_APPEND)
    except FileNotFoundError:
        raise UnknownUpload from None
    try:
        _append_if_next(file, b"", at)
        while block := body.read(BLOCK):
            if at + len(block) > most:
                raise MoreThanAnnounced
            _append_if_next(file, block, at)
            at += len(block)
    except OSError as error:
        if error.errno in OUT_OF_SPACE:
            raise NoRoomLeft from error
        raise
    finally:
        os.close(file)


def _append_if_next(file: int, block: bytes, at: int) -> None:
    """Append a block if exactly `at` bytes are there."""
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        here = os.fstat(file)
        if here.st_nlink == 0:  # the upload was cancelled meanwhile: these bytes would lie on the disk under no name
            raise UnknownUpload
        if here.st_size != at:
            raise WrongOffset
        rest = memoryview(block)
        while rest:
            rest = rest[os.write(file, rest) :]
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)
