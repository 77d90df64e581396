"""index.jsonl: one line for every published segment of a stream, append-only. The playlists follow from it.

No segment is flushed to the platter. A killed process loses nothing that it has written. Against a power cut, an
fsync a second for each stream would buy one second of media at the price of every stream's latency.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media_worker.contract import Stretch

FILE_NAME = "index.jsonl"


@dataclass(frozen=True)
class Piece:
    """The file of one rendition of one segment."""

    name: str
    init: str
    start_ms: float
    """Capture time of the first sample."""
    duration_ms: float
    bytes: int
    gap: bool = False
    """The track has no media in this segment."""


@dataclass(frozen=True)
class Segment:
    """One published segment: the muxed piece and its voice."""

    number: int
    """Number over all runs of the stream, from 1. A gap in the row means that media are missing."""
    run: int
    take: int
    """Number of the ffmpeg run. One take is media without a seam."""
    media_ms: float
    """Start on the take's own clock."""
    source: Piece
    voice: Piece
    codec: str = ""
    width: int = 0
    height: int = 0
    keep: bool = True
    """False when there was no space to record."""

    @property
    def start_ms(self) -> float:
        """Capture time of the first picture."""
        return self.source.start_ms

    @property
    def end_ms(self) -> float:
        """Capture time at which the next segment begins."""
        return self.source.start_ms + self.source.duration_ms

    @property
    def bytes(self) -> int:
        """Size of all pieces."""
        return self.source.bytes + self.voice.bytes

    def within(self, stretches: Iterable[Stretch], *, over_ms: int = 0) -> bool:
        """Whether the segment lies wholly within one of the stretches, or ends at most `over_ms` later."""
        start, end = round(self.start_ms), round(self.end_ms) - over_ms
        return any(one.from_ms <= start and (one.to_ms is None or end <= one.to_ms) for one in stretches)

    def follows(self, other: Segment | None) -> bool:
        """Whether the segment continues `other` without a seam."""
        return other is not None and self.take == other.take and self.number == other.number + 1


def to_line(segment: Segment) -> bytes:
    """Return the segment as one line of JSON."""
    return json.dumps(dataclasses.asdict(segment), separators=(",", ":")).encode() + b"\n"


def from_line(line: bytes) -> Segment:
    """Parse a line. Raises ValueError."""
    try:
        data: dict[str, Any] = json.loads(line)
        return Segment(**{**data, "source": Piece(**data["source"]), "voice": Piece(**data["voice"])})
    except (TypeError, KeyError) as error:
        raise ValueError(f"not a segment: {error}") from None


class Index:
    """The index file of one stream."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME

    def open(self) -> int:
        """Return a new handle of the file. Raises OSError."""
        return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def read(self) -> list[Segment]:
        """Return all segments. Remove a last line cut off by a crash from the file, and skip spoilt lines."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return []
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            os.truncate(self._path, whole)
        segments: list[Segment] = []
        for line in data[:whole].splitlines():
            try:
                one = from_line(line)
            except ValueError:
                continue
            if not segments or one.number > segments[-1].number:
                segments.append(one)
        return segments

    def append(self, segment: Segment) -> None:
        """Append the segment's line at once. Raises OSError, and then leaves the file as it was."""
        append(self._path, to_line(segment))


def append(path: Path, data: bytes) -> None:
    """Append all of `data` or nothing. Raises OSError."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        size = os.fstat(handle).st_size
        try:
            written = os.write(handle, data)
            if written != len(data):
                raise OSError(28, "No space left on device")
        except OSError:
            os.ftruncate(handle, size)
            raise
    finally:
        os.close(handle)
