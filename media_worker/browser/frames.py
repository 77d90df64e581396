"""Our own framing: frames of a browser's encoders, each with the moment of its capture. See `docs/ingest.md`.

A stream begins with `MAGIC`. Records follow, each whole within its chunk: a head of 16 bytes, then a description of
a track, a frame, or a part of one. The page cuts a long picture, so that sound finds its way between the parts.
"""

from __future__ import annotations

import enum
import struct
from collections.abc import Iterator
from typing import NamedTuple

from media_worker.browser.container import MOST_FRAME_BYTES, MOST_HEADER_BYTES, ContainerError, MediaFrame, Track
from media_worker.ingest import TagKind

MAGIC = b"JTf1"
_HEAD = struct.Struct(">BB2xIQ")
_DESCRIPTION = struct.Struct(">4sHH")
_KINDS = {1: TagKind.VIDEO, 2: TagKind.AUDIO}
_CODECS = {
    TagKind.VIDEO: {b"avc1": "h264", b"vp08": "vp8", b"vp09": "vp9"},
    TagKind.AUDIO: {b"Opus": "opus"},
}
_LEAD_US = 1_000_000
"""Lead of a stream's own clock over its first record: sound may be older than the picture sent before it."""
MOST_RECORDS = 1024
"""Maximum records in one chunk. The page sends chunks of 16 KiB, and the smallest packet of Opus has some 20 bytes."""
MOST_US = 1 << 52
"""Latest moment of a record, in the year 2112. A double holds every microsecond until then."""


class Part(enum.IntFlag):
    """Kind of a record within its track."""

    KEY = 1
    """Decoding can begin with this picture."""
    DESCRIPTION = 2
    """The record holds codec, picture size and decoder configuration for all that follow."""
    OPEN = 4
    """The frame is not whole yet. The next record of this track continues it."""
    REST = 8
    """The record continues the frame of this track's last record."""


class Record(NamedTuple):
    """One record as it travels."""

    track: int
    """1 is the picture, 2 the sound."""
    part: Part
    at_us: int
    """Moment of capture in microseconds since 1970 on the page's clock."""
    payload: bytes


def write_record(record: Record) -> bytes:
    """Return the record as bytes."""
    return _HEAD.pack(record.track, record.part, len(record.payload), record.at_us) + record.payload


def write_description(fourcc: bytes, width: int = 0, height: int = 0, config: bytes = b"") -> bytes:
    """Return the payload that describes a track. Sound has neither width nor height."""
    return _DESCRIPTION.pack(fourcc, width, height) + config


def _records(data: bytes) -> Iterator[Record]:
    """Yield the records of a chunk. Raises ContainerError."""
    at = count = 0
    while at < len(data):
        count += 1
        if count > MOST_RECORDS:
            raise ContainerError("frames.many", f"more than {MOST_RECORDS} records in one chunk")
        if at + _HEAD.size > len(data):
            raise ContainerError("frames.head", f"{len(data) - at} bytes where a head should be")
        track, part, size, at_us = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        if at + size > len(data):
            raise ContainerError("frames.cut_off", f"a record of {size} bytes, of which {len(data) - at} are there")
        if part > 15 or at_us > MOST_US or size == 0:
            raise ContainerError("frames.head", f"flags {part}, time {at_us}, {size} bytes")
        yield Record(track, Part(part), at_us, data[at : at + size])
        at += size


class FrameReader:
    """Implements `container.Reader`."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._tracks: dict[TagKind, Track] = {}
        self._halves: dict[TagKind, bytearray] = {}
        self._newest_us = {TagKind.VIDEO: 0, TagKind.AUDIO: 0}
        self._lost = False
        self._zero_us: int | None = None

    def feed(self, data: bytes) -> None:
        """Take the next chunk."""
        self._chunks.append(data)

    def resync(self) -> None:
        """Go on after a missing chunk: pictures with the next keyframe, sound at once."""
        self._halves.clear()
        self._lost = True

    def frames(self) -> Iterator[MediaFrame]:
        """Yield the frames that are whole, lazily. Raises ContainerError."""
        chunks, self._chunks = self._chunks, []
        for chunk in chunks:
            for record in _records(chunk.removeprefix(MAGIC)):
                frame = self._frame(record)
                if frame is not None:
                    yield frame

    def _frame(self, record: Record) -> MediaFrame | None:
        kind = _KINDS.get(record.track)
        if kind is None:
            raise ContainerError("frames.track", f"track {record.track}")
        if Part.DESCRIPTION in record.part:
            self._tracks[kind] = _read_description(kind, record.payload)
            return None
        track = self._tracks.get(kind)
        if track is None:
            raise ContainerError("frames.no_description", f"a frame of track {record.track} before its description")
        if record.at_us < self._newest_us[kind]:
            raise ContainerError("frames.time", f"track {record.track} goes back to {record.at_us}")
        self._newest_us[kind] = record.at_us
        data = self._whole(kind, record)
        if not data:
            return None
        keyframe = kind == TagKind.AUDIO or Part.KEY in record.part
        if self._lost and kind == TagKind.VIDEO:
            if not keyframe:
                return None
            self._lost = False
        if self._zero_us is None:
            self._zero_us = record.at_us - _LEAD_US
        timestamp_ms = (record.at_us - self._zero_us) / 1000
        return MediaFrame(track, timestamp_ms, keyframe, data, captured_ms=record.at_us / 1000)

    def _whole(self, kind: TagKind, record: Record) -> bytes:
        """Return the frame that this record completes. It is empty if parts of the frame are still missing."""
        if Part.REST in record.part:
            half = self._halves.pop(kind, None)
            if half is None:
                self._lose(kind)
                return b""
            half += record.payload
        else:
            if self._halves.pop(kind, None) is not None:
                self._lose(kind)  # the page gave up the rest of that frame
            half = bytearray(record.payload)
        if len(half) > MOST_FRAME_BYTES:
            raise ContainerError("frames.too_long", f"a frame of more than {MOST_FRAME_BYTES} bytes")
        if Part.OPEN in record.part:
            self._halves[kind] = half
            return b""
        return bytes(half)

    def _lose(self, kind: TagKind) -> None:
        """Take note of a missing picture: pictures that refer to it cannot be shown."""
        self._lost = self._lost or kind == TagKind.VIDEO


def _read_description(kind: TagKind, payload: bytes) -> Track:
    if not _DESCRIPTION.size <= len(payload) <= MOST_HEADER_BYTES:
        raise ContainerError("frames.description", f"a description of {len(payload)} bytes")
    fourcc, width, height = _DESCRIPTION.unpack_from(payload)
    codec = _CODECS[kind].get(fourcc)
    if codec is None:
        raise ContainerError("frames.codec", f"codec {fourcc!r}")
    config = payload[_DESCRIPTION.size :]
    if codec == "h264" and len(config) < 7:
        raise ContainerError("frames.description", "H.264 without its avcC record")
    return Track(kind, codec, config, width, height)
