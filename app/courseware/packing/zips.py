"""Zips, written piece by piece: what is compressed already is stored as it is, and how far it is can be told."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

PIECE_BYTES = 1 << 20
STORED = frozenset({".mp4", ".m4s", ".m4a", ".jpg", ".png", ".webp", ".zip"})
"""Endings of files that are compressed already."""

Report = Callable[[int], None]
"""Is told how many more bytes were written; what it raises ends the writing."""


@dataclass(frozen=True)
class Entry:
    """A file of a package."""

    name: str
    """ASCII, with slashes: other names are lost or garbled by many importers."""
    source: Path | bytes | Callable[[], bytes]
    """Where its bytes are; a function makes them when their turn comes."""
    size: int
    """Bytes, or a guess where they are yet to be made."""


def from_text(name: str, text: str) -> Entry:
    """Make an entry of a text."""
    data = text.encode()
    return Entry(name, data, len(data))


def from_file(name: str, file: Path) -> Entry:
    """Make an entry of a file."""
    return Entry(name, file, file.stat().st_size)


def write_zip(target: Path, entries: Iterable[Entry], at: datetime, report: Report) -> None:
    """Write a zip.

    Args:
        target: the file; half-made it is of no use to anybody.
        entries: what is in it, in this order.
        at: the date that its files bear.
        report: is told of every piece, by the bytes that it had before it was compressed.

    Raises:
        OSError: the disk is full, or a file of the package is gone.
    """
    with zipfile.ZipFile(target, "w", allowZip64=True) as package:
        for entry in entries:
            stored = Path(entry.name).suffix in STORED
            info = zipfile.ZipInfo(entry.name, at.timetuple()[:6])
            info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            _write(package, info, entry, report)


def _write(package: zipfile.ZipFile, info: zipfile.ZipInfo, entry: Entry, report: Report) -> None:
    if isinstance(entry.source, Path):
        info.file_size = entry.source.stat().st_size
        with entry.source.open("rb") as file, package.open(info, "w") as out:
            while piece := file.read(PIECE_BYTES):
                out.write(piece)
                report(len(piece))
        return
    data = entry.source if isinstance(entry.source, bytes) else entry.source()
    package.writestr(info, data)
    report(entry.size)
