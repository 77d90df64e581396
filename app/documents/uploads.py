"""Gathers the bytes of an upload on disk as they come.

The size of the file is the truth about an upload's progress: it outlives every process. Each block is appended under a
lock of the file, and only if it follows the bytes there. So a connection that was believed dead and comes to life
beside its successor can spoil nothing: the slower of the two gets an error.
"""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import suppress
from typing import IO

from app.documents import files
from app.documents.errors import MoreThanAnnounced, UnknownUpload, WrongOffset
from app.kernel.disk import NoRoomLeft

BLOCK = 65_536
OUT_OF_SPACE = {errno.ENOSPC, errno.EDQUOT}


def begin(document_id: str) -> None:
    """Make the folder of an upload."""
    files.folder_of(document_id).mkdir(mode=0o755, parents=True, exist_ok=True)
    files.arriving(document_id).touch(mode=0o600)


def received(document_id: str) -> int:
    """Return the number of arrived bytes of an upload. They are all there if a process was killed in `finish`.

    Raises:
        UnknownUpload: no such upload is under way.
    """
    for file in (files.arriving(document_id), files.source_of(document_id)):
        with suppress(FileNotFoundError):
            return file.stat().st_size
    raise UnknownUpload


def append(document_id: str, body: IO[bytes], *, at: int, most: int) -> None:
    """Append `body` block by block. Written blocks stay if it breaks off.

    Args:
        document_id: the document.
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
        file = os.open(files.arriving(document_id), os.O_WRONLY | os.O_APPEND)
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


def finish(document_id: str) -> None:
    """Turn the gathered bytes into the source file. A second call does nothing."""
    with suppress(FileNotFoundError):
        files.arriving(document_id).replace(files.source_of(document_id))


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
