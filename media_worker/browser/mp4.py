"""Fragmented MP4 as MediaRecorder writes it: in Safari (H.264 with AAC), and in Chrome if a page asks for it.

Source: ISO/IEC 14496-12 (boxes: 4.2, sample entries: 8.5.2, tfhd 8.8.7, trun 8.8.8, tfdt 8.8.12), 14496-15 (avcC),
14496-1 (esds), and "Encapsulation of Opus in ISO Base Media File Format" (dOps).
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from media_worker.boxes import Box, BoxError, boxes
from media_worker.browser.container import (
    MOST_FRAME_BYTES,
    MOST_HEADER_BYTES,
    MOST_TRACKS,
    ContainerError,
    MediaFrame,
    Track,
)
from media_worker.ingest import TagKind

_GATHERED = {b"ftyp": MOST_HEADER_BYTES, b"moov": MOST_HEADER_BYTES, b"moof": MOST_HEADER_BYTES}
_MOST_SAMPLES = 20_000
"""Maximum samples in one fragment. Two seconds at 60 frames with sound have about 220."""
_NON_SYNC = 0x10000
"""sample_is_non_sync_sample (8.8.3.1)."""


class _Track(NamedTuple):
    track: Track
    scale: int
    duration: int
    size: int
    flags: int


class _Sample(NamedTuple):
    track: Track
    decode_ms: float
    composition_ms: float
    keyframe: bool
    begin: int
    """Offset in bytes from the start of its `moof`."""
    size: int


class Mp4Reader:
    """Implements `container.Reader`."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._skip = 0
        self._began = False
        self._lost = False
        self._tracks: dict[int, _Track] = {}
        self._samples: list[_Sample] = []
        self._ready: deque[_Sample] = deque()
        self._mdat = b""
        self._moof_size = 0

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self._data += data

    def resync(self) -> None:
        """Go on with the next fragment. Before the tracks are known nothing can be saved. Raises ContainerError."""
        if not self._tracks:
            raise ContainerError("mp4.no_header", "bytes are missing before the tracks were described")
        self._data.clear()
        self._skip, self._samples, self._lost = 0, [], True
        self._ready.clear()

    def frames(self) -> Iterator[MediaFrame]:
        """Yield the frames that are whole, lazily. Raises ContainerError."""
        try:
            while self._ready or self._next_mdat():
                while self._ready:  # a caller that stops half-way comes back for the rest
                    one = self._ready.popleft()
                    begin = one.begin - self._moof_size - 8
                    if begin < 0 or begin + one.size > len(self._mdat):
                        raise ContainerError("mp4.sample", "a sample outside of its fragment")
                    data = self._mdat[begin : begin + one.size]
                    yield MediaFrame(one.track, one.decode_ms, one.keyframe, data, one.composition_ms)
        except (BoxError, struct.error, IndexError, ValueError, StopIteration) as error:
            raise ContainerError("mp4.garbage", str(error)) from None

    def _next_mdat(self) -> bool:
        """Read boxes up to the next whole `mdat` of a fragment. Return False if more bytes are needed."""
        while (box := self._next_box()) is not None:
            if box.kind == b"mdat":
                self._mdat, self._samples, self._ready = box.data[8:], [], deque(self._samples)
                return True
            self._take(box)
        return False

    def _next_box(self) -> Box | None:
        """Return the next box that counts, and skip others. `None` means that more bytes are needed."""
        data = self._data
        while self._pass_over() and len(data) >= 8:
            size, kind = int.from_bytes(data[:4], "big"), bytes(data[4:8])
            most = self._most(kind, size)
            if most is None:
                self._skip = size
                continue
            if size > most:
                raise ContainerError("mp4.too_large", f"box {kind!r} of {size} bytes")
            if len(data) < size:
                return None
            box = Box(kind, bytes(data[:size]))
            del data[:size]
            return box
        return None

    def _pass_over(self) -> bool:
        """Drop bytes that do not count. Return False while the beginning of the next box is unknown."""
        if self._lost and not self._find_fragment():
            return False
        passed = min(self._skip, len(self._data))
        del self._data[:passed]
        self._skip -= passed
        return self._skip == 0

    def _most(self, kind: bytes, size: int) -> int | None:
        """Return the maximum size of a box. `None` means that the box does not count."""
        if not self._began and kind != b"ftyp":
            raise ContainerError("mp4.no_header", f"begins with {kind!r}")
        self._began = True
        if size < 8:
            raise ContainerError("mp4.size", f"box {kind!r} of {size} bytes")
        return MOST_FRAME_BYTES if kind == b"mdat" and self._samples else _GATHERED.get(kind)

    def _find_fragment(self) -> bool:
        found = self._data.find(b"moof", 4)
        if found < 0:
            del self._data[:-7]
            return False
        del self._data[: found - 4]
        self._lost = False
        return True

    def _take(self, box: Box) -> None:
        if box.kind == b"moov":
            self._tracks = _read_moov(box.data)
        elif box.kind == b"moof":
            if not self._tracks:
                raise ContainerError("mp4.no_header", "a fragment before the tracks were described")
            self._moof_size = len(box.data)
            found = [one for traf in _all(box.data, b"traf") for one in _read_traf(traf, self._tracks)]
            self._samples = sorted(found, key=lambda one: one.decode_ms)


def _all(data: bytes, kind: bytes, start: int = 8) -> list[bytes]:
    return [one.data for one in boxes(data, start) if one.kind == kind]


def _child(data: bytes, *path: bytes) -> bytes:
    for kind in path:
        data = next(iter(_all(data, kind)), b"")
        if not data:
            raise ContainerError("mp4.missing", f"no {kind.decode('latin-1')}")
    return data


def _u32(data: bytes, at: int) -> int:
    return int(struct.unpack_from(">I", data, at)[0])


def _read_moov(moov: bytes) -> dict[int, _Track]:
    traks = _all(moov, b"trak")
    if not 0 < len(traks) <= MOST_TRACKS:
        raise ContainerError("mp4.tracks", f"{len(traks)} tracks")
    defaults = {}
    for trex in _all(_child(moov, b"mvex"), b"trex"):
        defaults[_u32(trex, 12)] = (_u32(trex, 20), _u32(trex, 24), _u32(trex, 28))
    found: dict[int, _Track] = {}
    kinds: set[TagKind] = set()
    for trak in traks:
        tkhd, mdhd = _child(trak, b"tkhd"), _child(trak, b"mdia", b"mdhd")
        number, scale = _track_number(tkhd), _timescale(mdhd)
        track = _read_entry(_child(trak, b"mdia", b"minf", b"stbl", b"stsd"))
        if track is not None and track.kind not in kinds:
            kinds.add(track.kind)
            found[number] = _Track(track, scale, *defaults.get(number, (0, 0, 0)))
    return found


def _track_number(tkhd: bytes) -> int:
    return _u32(tkhd, 28 if tkhd[8] else 20)


def _timescale(mdhd: bytes) -> int:
    scale = _u32(mdhd, 28 if mdhd[8] else 20)
    if scale == 0:
        raise ContainerError("mp4.scale", "no ticks in a second")
    return scale


def _read_entry(stsd: bytes) -> Track | None:
    entry = next(boxes(stsd, 16))
    if entry.kind in (b"avc1", b"avc3"):
        avcc = next(iter(_all(entry.data, b"avcC", 86)), b"")
        return Track(TagKind.VIDEO, "h264", avcc[8:], _u32(entry.data, 32) >> 16, _u32(entry.data, 32) & 0xFFFF)
    if entry.kind == b"mp4a":
        return Track(TagKind.AUDIO, "aac", _audio_config(next(iter(_all(entry.data, b"esds", 36)), b"")))
    if entry.kind == b"Opus":
        return Track(TagKind.AUDIO, "opus", _opus_head(next(iter(_all(entry.data, b"dOps", 36)), b"")))
    raise ContainerError("mp4.codec", f"codec {entry.kind!r}")


def _audio_config(esds: bytes) -> bytes:
    """Return the AudioSpecificConfig within the descriptors (14496-1, 7.2.6): ES 3 > decoder 4 > specific 5."""
    at = 12
    for tag, head in ((3, 3), (4, 13), (5, 0)):
        if esds[at] != tag:
            raise ContainerError("mp4.esds", f"descriptor {esds[at]} where {tag} should be")
        at, size = at + 1, 0
        for _ in range(4):
            byte, at = esds[at], at + 1
            size = size << 7 | byte & 0x7F
            if not byte & 0x80:
                break
        if tag == 5:
            return esds[at : at + size]
        at += head
    return b""


def _opus_head(dops: bytes) -> bytes:
    """Return the OpusHead (RFC 7845, 5.1), which is little-endian, of a dOps box, which is big-endian."""
    channels, skip, rate, gain = struct.unpack_from(">BHIh", dops, 9)
    return b"OpusHead\x01" + struct.pack("<BHIhB", channels, skip, rate, gain, 0)


def _read_traf(traf: bytes, tracks: dict[int, _Track]) -> Iterator[_Sample]:
    tfhd, tfdt = _child(traf, b"tfhd"), _child(traf, b"tfdt")
    one = tracks.get(_u32(tfhd, 12))
    if one is None:
        return
    flags, at = _u32(tfhd, 8) & 0xFFFFFF, 16
    given = {}
    for bit, width in ((1, 8), (2, 4), (8, 4), (16, 4), (32, 4)):
        if flags & bit:
            given[bit], at = int.from_bytes(tfhd[at : at + width], "big"), at + width
    one = one._replace(
        duration=given.get(8, one.duration), size=given.get(16, one.size), flags=given.get(32, one.flags)
    )
    tick = int.from_bytes(tfdt[12:20], "big") if tfdt[8] else _u32(tfdt, 12)
    for trun in _all(traf, b"trun"):
        for sample, duration in _read_trun(trun, one, tick):
            yield sample
            tick += duration


def _read_trun(trun: bytes, one: _Track, tick: int) -> Iterator[tuple[_Sample, int]]:
    flags, count = _u32(trun, 8) & 0xFFFFFF, _u32(trun, 12)
    if not flags & 1 or count > _MOST_SAMPLES:
        raise ContainerError("mp4.trun", f"{count} samples, flags {flags:#x}")
    begin, at = _u32(trun, 16), 20
    first_flags = None
    if flags & 4:
        first_flags, at = _u32(trun, at), at + 4
    fields = [bit for bit in (0x100, 0x200, 0x400, 0x800) if flags & bit]
    row = struct.Struct(">" + "".join("i" if bit == 0x800 else "I" for bit in fields))
    for index in range(count):
        values = dict(zip(fields, row.unpack_from(trun, at + index * row.size), strict=True))
        duration, size = values.get(0x100, one.duration), values.get(0x200, one.size)
        own_flags = first_flags if index == 0 and first_flags is not None else values.get(0x400, one.flags)
        keyframe = one.track.kind == TagKind.AUDIO or not own_flags & _NON_SYNC
        shift = values.get(0x800, 0) * 1000 / one.scale
        yield _Sample(one.track, tick * 1000 / one.scale, shift, keyframe, begin, size), duration
        begin, tick = begin + size, tick + duration
