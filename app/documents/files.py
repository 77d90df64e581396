"""Files of documents: the upload as it comes, later the source, and beside it the pictures of pages."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from app.kernel import storage

ASIDE = "removed"
"""Folder within that of a document from which neither we nor nginx serve files."""
SIZES = ("large", "medium", "thumb")
KEY = re.compile(r"[A-Za-z0-9_-]{8,40}")
DOCUMENT_ID = re.compile(r"[0-9a-z]{1,16}")


def root() -> Path:
    """Return the folder that holds the folders of all documents."""
    return storage.place("documents")


def folder_of(document_id: str) -> Path:
    """Return the folder of a document's files."""
    return root() / document_id


def arriving(document_id: str) -> Path:
    """Return the file in which the bytes of an upload are gathered."""
    return folder_of(document_id) / "arriving"


def source_of(document_id: str) -> Path:
    """Return the file of a whole upload."""
    return folder_of(document_id) / "source"


def picture_of(document_id: str, key: str, size: str) -> Path | None:
    """Return a picture's file. `None` means that the names are not of our form, or that there is no such file."""
    if not DOCUMENT_ID.fullmatch(document_id) or not KEY.fullmatch(key) or size not in SIZES:
        return None
    file = folder_of(document_id) / f"{key}-{size}.webp"
    return file if file.is_file() else None


def picture_url(document_id: str, key: str, size: str) -> str:
    """Return the address of a picture: large, medium or thumb. It needs no request."""
    return f"/slides/{document_id}/{key}-{size}.webp"


def remove_picture(document_id: str, key: str) -> None:
    """Remove a picture in all its sizes."""
    for size in SIZES:
        (folder_of(document_id) / f"{key}-{size}.webp").unlink(missing_ok=True)


def put_aside(document_id: str, keys: Iterable[str]) -> None:
    """Move pictures to a place to which no address leads."""
    aside = folder_of(document_id) / ASIDE
    for key in keys:
        for size in SIZES:
            with suppress(FileNotFoundError):
                aside.mkdir(exist_ok=True)
                (folder_of(document_id) / f"{key}-{size}.webp").replace(aside / f"{key}-{size}.webp")


def put_back(document_id: str) -> None:
    """Move pictures that were put aside back to their addresses."""
    for file in (folder_of(document_id) / ASIDE).glob("*.webp"):
        file.replace(folder_of(document_id) / file.name)


def bytes_of_picture(document_id: str, key: str) -> int:
    """Return the bytes of a picture in all its sizes."""
    return sum(file.stat().st_size for file in folder_of(document_id).glob(f"{key}-*.webp"))


def bytes_of_pictures(document_id: str) -> int:
    """Return the bytes of a document's pictures, including those that were put aside."""
    folder = folder_of(document_id)
    return sum(file.stat().st_size for where in (folder, folder / ASIDE) for file in where.glob("*.webp"))


def remove_all(document_id: str) -> None:
    """Remove all files of a document."""
    shutil.rmtree(folder_of(document_id), ignore_errors=True)


def lonely(before_s: float) -> Iterator[str]:
    """Yield the ids of folders without a change since a moment (epoch seconds)."""
    for folder in root().iterdir() if root().exists() else ():
        if folder.is_dir() and folder.stat().st_mtime < before_s:
            yield folder.name
