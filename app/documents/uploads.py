"""The file of a document as it comes, see `app.kernel.uploads`."""

from __future__ import annotations

from contextlib import suppress
from typing import IO

from app.documents import files
from app.kernel import uploads
from app.kernel.uploads import UnknownUpload


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
    """Append the next bytes. Raises what `app.kernel.uploads.append` raises."""
    uploads.append(files.arriving(document_id), body, at=at, most=most)


def finish(document_id: str) -> None:
    """Turn the gathered bytes into the source file. A second call does nothing."""
    with suppress(FileNotFoundError):
        files.arriving(document_id).replace(files.source_of(document_id))
