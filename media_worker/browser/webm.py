"""WebM as MediaRecorder writes it: Chrome (H.264, VP8, VP9, AV1) and Firefox (VP8), both with Opus.

The reader is flat. It enters some master elements (Segment, Cluster), gathers others whole within a limit (Tracks,
Info, a group with one block), and skips the rest. So nothing that a stranger declares costs memory or depth.

Source: RFC 8794 (EBML), RFC 9559 (Matroska; element numbers: section 5.1, blocks: section 10).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from media_worker.browser.container import (
    MOST_FRAME_BYTES,
    MOST_HEADER_BYTES,
    MOST_TRACKS,
    ContainerError,
    MediaFrame,
    Track,
)
from media_worker.ingest import TagKind

EBML, SEGMENT, INFO, TRACKS, CLUSTER = 0x1A45DFA3, 0x18538067, 0x1549A966, 0x1654AE6B, 0x1F43B675
TIMESTAMP, SIMPLE_BLOCK, BLOCK_GROUP = 0xE7, 0xA3, 0xA0
_ENTERED = (SEGMENT, CLUSTER)
_GATHERED = {
    INFO: MOST_HEADER_BYTES, TRACKS: MOST_HEADER_BYTES, TIMESTAMP: 8,
    SIMPLE_BLOCK: MOST_FRAME_BYTES, BLOCK_GROUP: MOST_FRAME_BYTES,
}  # fmt: skip
_SCALE, _MUXER = 0x2AD7B1, 0x4D80
_ENTRY, _NUMBER, _TYPE, _CODEC, _PRIVATE = 0xAE, 0xD7, 0x83, 0x86, 0x63A2
_VIDEO, _WIDTH, _HEIGHT, _ENCODINGS = 0xE0, 0xB0, 0xBA, 0x6D80
_BLOCK, _REFERENCE = 0xA1, 0xFB
_LACING, _KEYFRAME = 0x06, 0x80
_KINDS = {1: TagKind.VIDEO, 2: TagKind.AUDIO}
_CODECS = {
    "V_MPEG4/ISO/AVC": "h264", "V_VP8": "vp8", "V_VP9": "vp9", "V_AV1": "av1", "A_OPUS": "opus", "A_AAC": "aac",
}  # fmt: skip
_CLUSTER_MARK = CLUSTER.to_bytes(4, "big")
_UNKNOWN = -1
_LONGEST_HEAD = 12
"""Maximum bytes of an element head: four of number, eight of size."""
_MOST_SCALE_NS = 1_000_000_000
CHROME = b"Chrome"
"""Chrome's name for itself, and Edge's."""
CHROME_OPUS_LATE_MS = 50
"""Lag of all sound behind its pictures: Chrome makes packets of 60 ms and dates each by the last 10 ms in it (Chromium,
audio_track_opus_encoder.cc)."""


class _Head(NamedTuple):
    number: int
    size: int
    """Size of the body in bytes, or _UNKNOWN."""
    body: int
    """Offset of the body."""


def _head(data: bytes | bytearray, at: int) -> _Head | None:
    """Parse an element's head. `None` means that it is cut off. Raises ContainerError."""
    if at >= len(data):
        return None
    width = 9 - data[at].bit_length()
    if width > 4:
        raise ContainerError("webm.garbage", f"no element begins with {data[at]:#04x}")
    size_at = at + width
    if size_at >= len(data):
        return None
    size_width = 9 - data[size_at].bit_length()
    if size_width > 8:
        raise ContainerError("webm.garbage", "a size of more than eight bytes")
    body = size_at + size_width
    if body > len(data):
        return None
    size = int.from_bytes(data[size_at:body], "big") & ((1 << 7 * size_width) - 1)
    if size == (1 << 7 * size_width) - 1:
        size = _UNKNOWN
    return _Head(int.from_bytes(data[at:size_at], "big"), size, body)


def _children(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and body of the elements in a whole master element. Raises ContainerError."""
    at = 0
    while at < len(data):
        head = _head(data, at)
        if head is None or head.size == _UNKNOWN or head.body + head.size > len(data):
            raise ContainerError("webm.cut_off", "an element reaches beyond the one around it")
        yield head.number, data[head.body : head.body + head.size]
        at = head.body + head.size


def _uint(data: bytes) -> int:
    if len(data) > 8:
        raise ContainerError("webm.number", f"a number of {len(data)} bytes")
    return int.from_bytes(data, "big")


class WebmReader:
    """Implements `container.Reader`."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._skip = 0
        self._began = False
        self._lost = False
        self._scale_ms = 1.0
        self._cluster = 0
        self._opus_late_ms = 0
        self._tracks: dict[int, Track] = {}

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self._data += data

    def resync(self) -> None:
        """Go on with the next cluster. Before the tracks are known nothing can be saved. Raises ContainerError."""
        if not self._tracks:
            raise ContainerError("webm.no_header", "bytes are missing before the tracks were described")
        self._data.clear()
        self._skip, self._lost = 0, True

    def frames(self) -> Iterator[MediaFrame]:
        """Yield the frames that are whole, lazily. Raises ContainerError."""
        at = 0
        try:
            while (step := self._step(at)) is not None:
                at, frame = step
                if frame is not None:
                    yield frame
        finally:
            # a caller that stops half-way comes back for the rest
            del self._data[:at]

    def _step(self, at: int) -> tuple[int, MediaFrame | None] | None:
        """Read one element. Return the offset of its end, and its frame. `None` means that more bytes are needed."""
        data = self._data
        if self._lost:
            return self._find_cluster(at)
        if self._skip:
            return self._pass_over(at)
        head = _head(data, at)
        if head is None:
            return None
        if not self._began:
            self._begin(head)
        if head.number in _ENTERED:
            return head.body, None
        if head.size == _UNKNOWN:
            raise ContainerError("webm.unknown_size", f"element {head.number:#x} does not say where it ends")
        if head.number not in _GATHERED:
            self._skip = head.size
            return head.body, None
        if head.size > _GATHERED[head.number]:
            raise ContainerError("webm.too_large", f"element {head.number:#x} of {head.size} bytes")
        end = head.body + head.size
        return (end, self._take(head.number, bytes(data[head.body : end]))) if end <= len(data) else None

    def _find_cluster(self, at: int) -> tuple[int, None] | None:
        found, rest = self._data.find(_CLUSTER_MARK, at), len(self._data) - 3
        if found < 0:
            return (rest, None) if at < rest else None
        self._lost = False
        return found, None

    def _pass_over(self, at: int) -> tuple[int, None] | None:
        passed = min(self._skip, len(self._data) - at)
        self._skip -= passed
        return (at + passed, None) if passed else None

    def _begin(self, head: _Head) -> None:
        if head.number != EBML:
            raise ContainerError("webm.no_header", f"begins with element {head.number:#x}")
        if not 0 <= head.size <= MOST_HEADER_BYTES:
            raise ContainerError("webm.too_large", f"a header of {head.size} bytes")
        self._began = True

    def _take(self, number: int, body: bytes) -> MediaFrame | None:
        if number == SIMPLE_BLOCK:
            return self._block(body, None)
        if number == BLOCK_GROUP:
            parts = dict(_children(body))
            return self._block(parts[_BLOCK], _REFERENCE not in parts) if _BLOCK in parts else None
        if number == TIMESTAMP:
            self._cluster = _uint(body)
        elif number == INFO:
            self._read_info(dict(_children(body)))
        else:
            self._read_tracks(body)
        return None

    def _block(self, body: bytes, keyframe: bool | None) -> MediaFrame | None:
        width = 9 - body[0].bit_length() if body else 9
        if width > 8 or len(body) < width + 3:
            raise ContainerError("webm.block", "a block without its head")
        track = self._tracks.get(int.from_bytes(body[:width], "big") & ((1 << 7 * width) - 1))
        flags = body[width + 2]
        if flags & _LACING:
            raise ContainerError("webm.lacing", "several frames in one block")
        if track is None or len(body) == width + 3:
            return None
        ticks = self._cluster + int.from_bytes(body[width : width + 2], "big", signed=True)
        is_key = bool(flags & _KEYFRAME) if keyframe is None else keyframe
        timestamp_ms = ticks * self._scale_ms - (self._opus_late_ms if track.codec == "opus" else 0)
        if timestamp_ms < 0 and track.codec == "opus":
            return None  # from before the first picture
        return MediaFrame(track, timestamp_ms, is_key, body[width + 3 :])

    def _read_info(self, parts: dict[int, bytes]) -> None:
        scale = _uint(parts[_SCALE]) if _SCALE in parts else 1_000_000
        if not 0 < scale <= _MOST_SCALE_NS:
            raise ContainerError("webm.scale", f"a tick of {scale} ns")
        self._scale_ms = scale / 1e6
        self._opus_late_ms = CHROME_OPUS_LATE_MS if parts.get(_MUXER) == CHROME else 0

    def _read_tracks(self, body: bytes) -> None:
        entries = [entry for number, entry in _children(body) if number == _ENTRY]
        if not 0 < len(entries) <= MOST_TRACKS:
            raise ContainerError("webm.tracks", f"{len(entries)} tracks")
        kinds: set[TagKind] = set()
        self._tracks = {}
        for entry in entries:
            number, track = _read_entry(entry)
            if track is not None and track.kind not in kinds:  # the first track of each kind counts
                kinds.add(track.kind)
                self._tracks[number] = track


def _read_entry(entry: bytes) -> tuple[int, Track | None]:
    parts = dict(_children(entry))
    if _ENCODINGS in parts:
        raise ContainerError("webm.encoding", "a track that is compressed or encrypted")
    kind = _KINDS.get(_uint(parts.get(_TYPE, b"")))
    if kind is None:
        return 0, None
    name = parts.get(_CODEC, b"").rstrip(b"\0").decode("ascii", "replace")
    codec = _CODECS.get(name)
    if codec is None:
        raise ContainerError("webm.codec", f"codec {name[:40]!r}")
    picture = dict(_children(parts.get(_VIDEO, b"")))
    size = (min(_uint(picture.get(one, b"")), 65535) for one in (_WIDTH, _HEIGHT))
    return _uint(parts.get(_NUMBER, b"")), Track(kind, codec, parts.get(_PRIVATE, b""), *size)
