"""The list of a backup's files: manifest.json, written last, so that it never promises a missing file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

NAME = "manifest.json"
FORMAT = 1
CHUNK = 1 << 20


class NoBackup(Exception):
    """The folder holds no backup that this version understands. The sentence says why."""


@dataclass(frozen=True)
class Entry:
    """One file of a backup."""

    bytes: int
    sha256: str
    changed_ns: int
    """Last change of the original. The next backup copies only files that have changed since."""


@dataclass
class Manifest:
    """Origin of a backup, and its files by their path in it."""

    made_ms: int
    database: str
    """sqlite or postgresql"""
    schema: str
    """Number of the newest migration."""
    files: dict[str, Entry] = field(default_factory=dict)
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        """Write the list into the backup, whole or not at all. Raises OSError."""
        draft = folder / f".{NAME}"
        draft.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1))
        draft.replace(folder / NAME)

    def faults(self, folder: Path) -> Iterator[str]:
        """Yield the missing and the changed files, each with its fault."""
        for name, entry in sorted(self.files.items()):
            path = folder / name
            if not path.is_file():
                yield f"{name}: missing"
            elif path.stat().st_size != entry.bytes or digest_of(path) != entry.sha256:
                yield f"{name}: damaged"


def read(folder: Path) -> Manifest:
    """Return the list of a backup.

    Raises:
        NoBackup: there is none, or one of a newer version.
    """
    try:
        data = json.loads((folder / NAME).read_bytes())
        if data["format"] != FORMAT:
            raise NoBackup(f"{folder} was written by another version (format {data['format']}, here {FORMAT}).")
        files = {name: Entry(**entry) for name, entry in data.pop("files").items()}
        if any(Path(name).is_absolute() or ".." in Path(name).parts for name in files):
            raise NoBackup(f"{folder / NAME} names files outside of the backup.")
        return Manifest(**data, files=files)
    except FileNotFoundError:
        raise NoBackup(f"{folder} holds no finished backup: there is no {NAME}.") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NoBackup(f"{folder / NAME} cannot be read: {error}.") from None


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file's content, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
