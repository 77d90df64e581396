"""Where the files of documents lie: the upload as it comes, later the source, and beside it the pictures of pages."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from app.kernel import storage

ASIDE = "removed"
"""Folder within that of a document; neither we nor nginx give anything out of it."""
SIZES = ("large", "medium", "thumb")
KEY = re.compile(r"[A-Za-z0-9_-]{8,40}")
DOCUMENT_ID = re.compile(r"[0-9a-z]{1,16}")


def root() -> Path:
    """Give the folder that holds the folders of all documents."""
    return storage.place("documents")


def folder_of(document_id: str) -> Path:
    """Say where the files of a document lie."""
    return root() / document_id


def arriving(document_id: str) -> Path:
    """Say where the bytes of an upload are gathered."""
    return folder_of(document_id) / "arriving"


def source_of(document_id: str) -> Path:
    """Say where the file lies once it is whole."""
    return folder_of(document_id) / "source"


def picture_of(document_id: str, key: str, size: str) -> Path | None:
    """Find a picture; none where the names are not what ours look like, or there is none of them."""
    if not DOCUMENT_ID.fullmatch(document_id) or not KEY.fullmatch(key) or size not in SIZES:
        return None
    file = folder_of(document_id) / f"{key}-{size}.webp"
    return file if file.is_file() else None


def picture_url(document_id: str, key: str, size: str) -> str:
    """Give the address of a picture: large, medium or thumb; also where there is no request."""
    return f"/slides/{document_id}/{key}-{size}.webp"


def remove_picture(document_id: str, key: str) -> None:
    """Remove a picture in all its sizes."""
    for size in SIZES:
        (folder_of(document_id) / f"{key}-{size}.webp").unlink(missing_ok=True)


def put_aside(document_id: str, keys: Iterable[str]) -> None:
    """Put pictures where no address leads to them."""
    aside = folder_of(document_id) / ASIDE
    for key in keys:
        for size in SIZES:
            with suppress(FileNotFoundError):
                aside.mkdir(exist_ok=True)
                (folder_of(document_id) / f"{key}-{size}.webp").replace(aside / f"{key}-{size}.webp")


def put_back(document_id: str) -> None:
    """Have addresses lead again to what was put aside."""
    for file in (folder_of(document_id) / ASIDE).glob("*.webp"):
        file.replace(folder_of(document_id) / file.name)


def bytes_of_picture(document_id: str, key: str) -> int:
    """Count what a picture takes in all its sizes."""
    return sum(file.stat().st_size for file in folder_of(document_id).glob(f"{key}-*.webp"))


def bytes_of_pictures(document_id: str) -> int:
    """Count what the pictures of a document take, those too that were put aside."""
    folder = folder_of(document_id)
    return sum(file.stat().st_size for where in (folder, folder / ASIDE) for file in where.glob("*.webp"))


def remove_all(document_id: str) -> None:
    """Remove everything of a document."""
    shutil.rmtree(folder_of(document_id), ignore_errors=True)


def lonely(before_s: float) -> Iterator[str]:
    """Give the ids of folders that nothing was written to since a moment (epoch seconds)."""
    for folder in root().iterdir() if root().exists() else ():
        if folder.is_dir() and folder.stat().st_mtime < before_s:
            yield folder.name
