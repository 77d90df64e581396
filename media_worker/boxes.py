"""Split ffmpeg's fragmented MP4: one muxed segment becomes the muxed rendition and the voice rendition.

ffmpeg writes one fragment per segment, its tracks in the order video, audio, voice.
Splitting it here, not in a second HLS output, gives both renditions the very same cuts and numbers, and costs next
to nothing. The split also makes times absolute. ffmpeg begins every track at 0 and puts the truth into edit lists
and `sidx`; players read those differently, but they all read `tfdt` alike.

Source: ISO/IEC 14496-12 (box layout: 4.2, tfhd 8.8.7, trun 8.8.8, tfdt 8.8.12, sidx 8.16.3).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import NamedTuple

_CONTAINERS = (b"moov", b"mvex", b"moof")


class BoxError(ValueError):
    """The file is cut off, or ffmpeg did not write it."""


class Box(NamedTuple):
    """One box. `data` includes its header."""

    kind: bytes
    data: bytes


def boxes(data: bytes, start: int = 0) -> Iterator[Box]:
    """Yield the consecutive boxes in `data` from `start` on. Raises BoxError."""
    at = start
    while at < len(data):
        if at + 8 > len(data):
            raise BoxError("box header cut off")
        size = int.from_bytes(data[at : at + 4], "big")
        if size < 8 or at + size > len(data):
            raise BoxError(f"box of {size} bytes at {at} does not fit")
        yield Box(data[at + 4 : at + 8], data[at : at + size])
        at += size


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def _child(data: bytes, *path: bytes) -> bytes:
    for kind in path:
        data = next((one.data for one in boxes(data, 8) if one.kind == kind), b"")
        if not data:
            raise BoxError(f"no {kind.decode('latin-1')}")
    return data


def _u32(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "big")


@dataclass(frozen=True)
class Init:
    """A parsed initialisation segment."""

    data: bytes
    timescales: dict[int, int]
    """Ticks per second by track number."""
    tracks: tuple[int, ...]
    """Track numbers in file order: video, audio, perhaps voice."""
    video_codec: str
    width: int
    height: int

    def rendition(self, tracks: tuple[int, ...]) -> bytes:
        """Return the initialisation segment of these tracks alone, without edit lists."""
        return b"".join(_init_with(one, tracks) for one in boxes(self.data))


def read_init(data: bytes) -> Init:
    """Parse an initialisation segment. Raises BoxError."""
    moov = next((one.data for one in boxes(data) if one.kind == b"moov"), b"")
    traks = [one.data for one in boxes(moov, 8) if one.kind == b"trak"]
    if not moov or len(traks) < 2:
        raise BoxError("no moov with picture and sound")
    numbers = tuple(_track_number(one) for one in traks)
    scales = {number: _u32(_child(trak, b"mdia", b"mdhd"), 20) for number, trak in zip(numbers, traks, strict=True)}
    stsd = _child(traks[0], b"mdia", b"minf", b"stbl", b"stsd")
    entry = next(boxes(stsd, 16)).data
    avcc = entry.find(b"avcC")
    codec = f"avc1.{entry[avcc + 5 : avcc + 8].hex()}" if avcc > 0 else "avc1.42c01e"
    return Init(data, scales, numbers, codec, _u32(entry, 32) >> 16, _u32(entry, 32) & 0xFFFF)


def _track_number(trak: bytes) -> int:
    tkhd = _child(trak, b"tkhd")
    return _u32(tkhd, 28 if tkhd[8] else 20)


def _init_with(box: Box, tracks: tuple[int, ...]) -> bytes:
    if box.kind in _CONTAINERS:
        return _box(box.kind, *(_init_with(one, tracks) for one in boxes(box.data, 8)))
    if box.kind == b"trak":
        if _track_number(box.data) not in tracks:
            return b""
        return _box(b"trak", *(_enabled(one) for one in boxes(box.data, 8) if one.kind != b"edts"))
    if box.kind == b"trex" and _u32(box.data, 12) not in tracks:
        return b""
    return box.data


def _enabled(box: Box) -> bytes:
    # ffmpeg disables the second audio track; alone in its file it must be enabled
    return box.data[:11] + b"\x03" + box.data[12:] if box.kind == b"tkhd" else box.data


@dataclass(frozen=True)
class Fragment:
    """The samples of one track in one segment."""

    track: int
    traf: bytes
    first_ms: float
    """Presentation time of the first sample."""
    duration_ms: float
    tick: int
    """Absolute decoding time of the first sample, in the track's timescale."""
    samples: bytes

    @property
    def end_ms(self) -> float:
        """Presentation time at which the last sample ends."""
        return self.first_ms + self.duration_ms

    def held(self, ms: float, timescale: int) -> Fragment:
        """Return the fragment with its last sample shown `ms` longer."""
        longer = round(ms * timescale / 1000)
        traf = _box(b"traf", *(_held(one, self.traf, longer) for one in boxes(self.traf, 8)))
        return replace(self, traf=traf, duration_ms=self.duration_ms + longer * 1000 / timescale)

    def split(self, at_ms: float, timescale: int) -> tuple[Fragment | None, Fragment | None]:
        """Return the sound before a time, and the sound from there on. `None` means that there is none."""
        rows, first = _rows_of(self), round((at_ms - self.first_ms) * timescale / 1000)
        begins = accumulate((one.duration for one in rows), initial=0)
        count = sum(begin < first for begin, _row in zip(begins, rows, strict=False))
        edge, ticks = sum(one.size for one in rows[:count]), sum(one.duration for one in rows[:count])
        late = replace(self, first_ms=self.first_ms + ticks * 1000 / timescale, tick=self.tick + ticks)
        return (
            _sound(self, rows[:count], self.samples[:edge], timescale) if count else None,
            _sound(late, rows[count:], self.samples[edge:], timescale) if count < len(rows) else None,
        )

    def joined(self, later: Fragment | None, timescale: int) -> Fragment:
        """Return this sound and the sound that follows it in one fragment."""
        if later is None:
            return self
        return _sound(self, [*_rows_of(self), *_rows_of(later)], self.samples + later.samples, timescale)


class Segment(NamedTuple):
    """A parsed segment of ffmpeg's. `fragments` is keyed by track number."""

    head: bytes
    mfhd: bytes
    fragments: dict[int, Fragment]


def read_segment(data: bytes, init: Init) -> Segment:
    """Parse a segment. Raises BoxError."""
    try:
        return _read_segment(data, init)
    except (IndexError, struct.error, StopIteration) as error:
        raise BoxError(f"segment cannot be read: {error}") from None


def _read_segment(data: bytes, init: Init) -> Segment:
    found: dict[bytes, bytes] = {}
    presented: dict[int, int] = {}
    for box in boxes(data):
        if box.kind == b"sidx":
            presented[_u32(box.data, 12)] = _sidx_earliest(box.data)
        elif box.kind in found:
            raise BoxError(f"more than one {box.kind.decode('latin-1')}")
        else:
            found[box.kind] = box.data
    if b"moof" not in found or b"mdat" not in found:
        raise BoxError("no moof or no mdat")
    whole = found[b"moof"] + found[b"mdat"]
    parts = (_read_traf(one.data, whole, init, presented) for one in boxes(found[b"moof"], 8) if one.kind == b"traf")
    return Segment(found.get(b"styp", b""), _child(found[b"moof"], b"mfhd"), {one.track: one for one in parts})


def _sidx_earliest(sidx: bytes) -> int:
    return int.from_bytes(sidx[20:28], "big") if sidx[8] else _u32(sidx, 20)


def _read_traf(traf: bytes, whole: bytes, init: Init, presented: dict[int, int]) -> Fragment:
    tfhd, tfdt, trun = (_child(traf, kind) for kind in (b"tfhd", b"tfdt", b"trun"))
    track = _u32(tfhd, 12)
    samples = _read_trun(trun, *_defaults(tfhd))
    written = int.from_bytes(tfdt[12:20], "big") if tfdt[8] else _u32(tfdt, 12)
    begin = _u32(trun, 16)
    earliest_shift = min(_presentation_offsets(samples), default=0)
    shift = presented[track] - (written + earliest_shift) if track in presented else 0
    scale = init.timescales[track]
    return Fragment(
        track=track,
        traf=traf,
        first_ms=(written + shift + earliest_shift) * 1000 / scale,
        duration_ms=sum(one.duration for one in samples) * 1000 / scale,
        tick=written + shift,
        samples=whole[begin : begin + sum(one.size for one in samples)],
    )


class _Sample(NamedTuple):
    duration: int
    size: int
    composition: int


def _presentation_offsets(samples: list[_Sample]) -> Iterator[int]:
    at = 0
    for one in samples:
        yield at + one.composition
        at += one.duration


def _defaults(tfhd: bytes) -> tuple[int, int]:
    """Return the default duration and size of a sample."""
    flags, at = _u32(tfhd, 8) & 0xFFFFFF, 16
    values = {}
    for bit, width in ((1, 8), (2, 4), (8, 4), (16, 4)):
        if flags & bit:
            values[bit], at = int.from_bytes(tfhd[at : at + width], "big"), at + width
    return values.get(8, 0), values.get(16, 0)


def _read_trun(trun: bytes, duration: int, size: int) -> list[_Sample]:
    flags, count = _u32(trun, 8) & 0xFFFFFF, _u32(trun, 12)
    if not flags & 1:
        raise BoxError("trun without data offset")
    fields = [bit for bit in (0x100, 0x200, 0x400, 0x800) if flags & bit]
    at = 20 + (4 if flags & 4 else 0)
    row = struct.Struct(">" + "".join("i" if bit == 0x800 else "I" for bit in fields))
    if len(trun) - at != count * row.size:
        raise BoxError("trun is not as long as it says")
    result = []
    for values in row.iter_unpack(trun[at:]) if fields else [()] * count:
        given = dict(zip(fields, values, strict=True))
        result.append(_Sample(given.get(0x100, duration), given.get(0x200, size), given.get(0x800, 0)))
    return result


def _rows_of(fragment: Fragment) -> list[_Sample]:
    return _read_trun(_child(fragment.traf, b"trun"), *_defaults(_child(fragment.traf, b"tfhd")))


def _sound(like: Fragment, rows: list[_Sample], samples: bytes, timescale: int) -> Fragment:
    """Return a fragment with other samples. Those of sound need no fields but duration and size."""
    table = b"".join(struct.pack(">II", one.duration, one.size) for one in rows)
    trun = _box(b"trun", struct.pack(">III", 0x301, len(rows), 0), table)  # the data offset is set when written
    traf = _box(b"traf", *(trun if one.kind == b"trun" else one.data for one in boxes(like.traf, 8)))
    ticks = sum(one.duration for one in rows)
    return replace(like, traf=traf, samples=samples, duration_ms=ticks * 1000 / timescale)


def _held(box: Box, traf: bytes, longer: int) -> bytes:
    """Return a `trun` with a duration for each sample and a longer last one. Other boxes stay as they are."""
    if box.kind != b"trun":
        return box.data
    duration, _size = _defaults(_child(traf, b"tfhd"))
    flags, count = _u32(box.data, 8), _u32(box.data, 12)
    rows_at = 20 + (4 if flags & 4 else 0)
    fields = 4 * sum(1 for bit in (0x200, 0x400, 0x800) if flags & bit)
    has_own = bool(flags & 0x100)
    width = fields + 4 * has_own
    rows = [box.data[rows_at + width * number :][:width] for number in range(count)]
    rows = rows if has_own else [struct.pack(">I", duration) + row for row in rows]
    rows[-1] = struct.pack(">I", _u32(rows[-1], 0) + longer) + rows[-1][4:]
    return _box(b"trun", struct.pack(">II", flags | 0x100, count), box.data[16:rows_at], *rows)


def write_segment(segment: Segment, tracks: tuple[int, ...]) -> bytes:
    """Return the segment with these tracks alone and with absolute times."""
    chosen = [segment.fragments[one] for one in tracks if one in segment.fragments]
    size = 8 + len(segment.mfhd) + sum(len(_traf(one, 0)) for one in chosen)
    trafs, position = [], size + 8
    for one in chosen:
        trafs.append(_traf(one, position))
        position += len(one.samples)
    moof = _box(b"moof", segment.mfhd, *trafs)
    return b"".join([segment.head, moof, _box(b"mdat", *(one.samples for one in chosen))])


def _traf(fragment: Fragment, position: int) -> bytes:
    def changed(box: Box) -> bytes:
        if box.kind == b"tfdt":
            return _box(b"tfdt", struct.pack(">IQ", 0x01000000, max(0, fragment.tick)))
        if box.kind == b"trun":
            return box.data[:16] + struct.pack(">I", position) + box.data[20:]
        return box.data

    return _box(b"traf", *(changed(one) for one in boxes(fragment.traf, 8)))
