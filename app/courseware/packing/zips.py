"""Zips, written piece by piece, with their progress. Files that are compressed already are stored as they are."""

from __future__ import annotations

import hashlib
import stat
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
    """Path of its bytes, or a function that makes them when their turn comes."""
    size: int
    """Bytes, or a guess where they are yet to be made."""


def from_text(name: str, text: str) -> Entry:
    """Make an entry of a text."""
    data = text.encode()
    return Entry(name, data, len(data))


def from_file(name: str, file: Path) -> Entry:
    """Make an entry of a file."""
    return Entry(name, file, file.stat().st_size)


SUMS = "checksums.sha256"


def write_zip(target: Path, entries: Iterable[Entry], at: datetime, report: Report, *, sums: bool = False) -> None:
    """Write a zip.

    Args:
        target: the file; half-made it is of no use to anybody.
        entries: what is in it, in this order.
        at: the date that its files bear.
        report: is told of every piece, by the bytes that it had before it was compressed.
        sums: add the checksum of every file, as `sha256sum --check` reads them, in a last file.

    Raises:
        OSError: the disk is full, or a file of the package is gone.
    """
    lines = []
    with zipfile.ZipFile(target, "w", allowZip64=True) as package:
        for entry in entries:
            digest = hashlib.sha256()
            _write(package, _info(entry.name, at), entry, report, digest.update if sums else len)
            lines.append(f"{digest.hexdigest()}  {entry.name}\n")
        if sums:
            package.writestr(_info(SUMS, at), "".join(lines))


def _info(name: str, at: datetime) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, at.timetuple()[:6])
    info.compress_type = zipfile.ZIP_STORED if Path(name).suffix in STORED else zipfile.ZIP_DEFLATED
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    return info


def _write(
    package: zipfile.ZipFile, info: zipfile.ZipInfo, entry: Entry, report: Report, heard: Callable[[bytes], object]
) -> None:
    if isinstance(entry.source, Path):
        info.file_size = entry.source.stat().st_size
        with entry.source.open("rb") as file, package.open(info, "w") as out:
            while piece := file.read(PIECE_BYTES):
                out.write(piece)
                heard(piece)
                report(len(piece))
        return
    data = entry.source if isinstance(entry.source, bytes) else entry.source()
    heard(data)
    package.writestr(info, data)
    report(entry.size)
