"""Samples and the moments of their presentation, read from our segments and from a finished MP4.

Only boxes that media_worker and ffmpeg write are read. Source: ISO/IEC 14496-12 (tkhd 8.3.2, mdhd 8.4.2, stts 8.6.1,
ctts 8.6.1.3, elst 8.6.6, tfhd 8.8.7, trun 8.8.8, tfdt 8.8.12) and 14496-3, 1.6.2 (AudioSpecificConfig).
"""

from __future__ import annotations

import os
import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

PICTURE, SOUND = b"vide", b"soun"
"""Kinds of tracks (hdlr 8.4.3)."""
RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
FRAME_SAMPLES = 1024
"""Samples in a frame of AAC, at the rate of its core."""


class Unreadable(Exception):
    """The file is damaged, or of another make."""


@dataclass(frozen=True)
class Look:
    """The shape of the picture: pixels, and how wide one is in relation to its height."""

    width: int
    height: int
    pixel: tuple[int, int] = (1, 1)


@dataclass(frozen=True)
class Voice:
    """The shape of the sound. `kind` is the object type of AAC: 2 is AAC-LC."""

    kind: int
    rate: int
    channels: int

    @property
    def frame_s(self) -> float:
        """Length of one frame in seconds."""
        return FRAME_SAMPLES / self.rate


@dataclass(frozen=True)
class Track:
    """Head of a track."""

    kind: bytes
    number: int
    ticks: int
    """Ticks per second of the track's clock."""
    shape: Look | Voice


@dataclass
class Samples:
    """Moments of presentation of a track's samples, in the order of the file, in seconds."""

    starts_s: array[float] = field(default_factory=lambda: array("d"))
    lengths_s: array[float] = field(default_factory=lambda: array("d"))
    size_bytes: int = 0
    """Of all of them together; not read from a finished MP4."""

    @property
    def first_s(self) -> float:
        """Presentation time of the first sample."""
        return min(self.starts_s)

    @property
    def end_s(self) -> float:
        """Presentation time at which the last sample ends."""
        return max(map(float.__add__, self.starts_s, self.lengths_s))


def read_init(data: bytes) -> dict[bytes, Track]:
    """Read the tracks of an initialisation segment, by kind.

    Raises:
        Unreadable: it is damaged.
    """
    try:
        moov = _child(data, b"moov", at=0)
        return {track.kind: track for track in (_track(one) for kind, one in _boxes(moov) if kind == b"trak")}
    except (IndexError, struct.error, StopIteration) as error:
        raise Unreadable(f"initialisation segment: {error}") from error


def read_segment(file: Path, tracks: dict[bytes, Track], into: dict[bytes, Samples]) -> bool:
    """Add the samples of a segment to `into`, in the time of the encoder. Return whether it must be set `upright`.

    Raises:
        Unreadable: it is damaged or missing.
    """
    try:
        with file.open("rb") as opened:
            moof = _top_level(opened, b"moof")
            _top_level(opened, b"mdat")
        set_up = upright(moof)
        trafs = [one for kind, one in _boxes(_child(set_up, b"moof", at=0)) if kind == b"traf"]
        for traf in trafs:
            number, samples = _fragment(traf, {track.number: track.ticks for track in tracks.values()})
            for kind, track in tracks.items():
                if track.number == number:
                    into[kind].starts_s.extend(samples.starts_s)
                    into[kind].lengths_s.extend(samples.lengths_s)
                    into[kind].size_bytes += samples.size_bytes
        return set_up != moof
    except (Unreadable, IndexError, KeyError, struct.error, StopIteration, OSError) as error:
        raise Unreadable(f"{file.name}: {error!r}") from error


def upright(data: bytes) -> bytes:
    """Return a segment in which no picture is shown before it is decoded.

    ffmpeg writes such a picture where one follows another after longer than before, at the beginning of a segment.
    When it reads that back, it holds all pictures that follow for as long as that one came too early.
    """
    return b"".join(
        box[:8] + upright(box[8:]) if kind in (b"moof", b"traf") else _upright_run(box) if kind == b"trun" else box
        for kind, box in _boxes(data, 0)
    )


def _upright_run(trun: bytes) -> bytes:
    flags, count, at = _u32(trun, 8), _u32(trun, 12), 16
    if not flags & 0x800:
        return trun
    at += (4 if flags & 1 else 0) + (4 if flags & 4 else 0)
    width = 4 * sum(1 for bit in (0x100, 0x200, 0x400, 0x800) if flags & bit)
    rows = [trun[at + number * width :][:width] for number in range(count)]
    offsets = [int.from_bytes(row[-4:], "big", signed=True) for row in rows]
    if max(offsets) > 0:  # pictures in another order than they are decoded in: these offsets have a meaning
        return trun
    return trun[:at] + b"".join(row[:-4] + bytes(4) for row in rows)


def read_movie(file: Path) -> dict[bytes, tuple[Track, Samples]]:
    """Read picture and sound of a finished MP4 and when their samples are presented, by kind.

    Raises:
        Unreadable: it is not one.
    """
    try:
        with file.open("rb") as opened:
            moov = _top_level(opened, b"moov")
        ticks = _header_ticks(_child(moov, b"mvhd"))
        traks = [one for kind, one in _boxes(moov) if kind == b"trak" and _kind(one) in {PICTURE, SOUND}]
        return {track.kind: (track, _table(trak, track, ticks)) for trak in traks for track in [_track(trak)]}
    except (Unreadable, IndexError, struct.error, StopIteration, OSError) as error:
        raise Unreadable(f"{file.name}: {error!r}") from error


def _boxes(data: bytes, at: int = 8) -> Iterator[tuple[bytes, bytes]]:
    while at + 8 <= len(data):
        size = _u32(data, at)
        if size < 8 or at + size > len(data):
            raise Unreadable(f"a box of {size} bytes at {at} does not fit")
        yield data[at + 4 : at + 8], data[at : at + size]
        at += size


def _top_level(file: BinaryIO, wanted: bytes) -> bytes:
    """Return the next box of a kind, which must be whole; of the media themselves, only the head is read."""
    length, at = os.fstat(file.fileno()).st_size, file.tell()
    while len(head := file.read(8)) == 8:
        size, kind = struct.unpack(">I4s", head)
        long_form = file.read(8) if size == 1 else b""
        size = int.from_bytes(long_form, "big") if long_form else size
        if size < 8 or at + size > length:
            break
        if kind == wanted:
            return head if kind == b"mdat" else head + file.read(size - 8)
        at = file.seek(at + size)
    raise Unreadable(f"no whole {wanted.decode()}")


def _child(data: bytes, *path: bytes, at: int = 8) -> bytes:
    for kind in path:
        data = next(one for found, one in _boxes(data, at) if found == kind)
        at = 8
    return data


def _u32(data: bytes, at: int) -> int:
    return int(struct.unpack_from(">I", data, at)[0])


def _header_ticks(header: bytes) -> int:
    return _u32(header, 28 if header[8] else 20)


def _kind(trak: bytes) -> bytes:
    return _child(trak, b"mdia", b"hdlr")[16:20]


def _track(trak: bytes) -> Track:
    tkhd, mdia, kind = _child(trak, b"tkhd"), _child(trak, b"mdia"), _kind(trak)
    entry = next(one for _kind, one in _boxes(_child(mdia, b"minf", b"stbl", b"stsd"), 16))
    shape: Look | Voice = _look(entry) if kind == PICTURE else _voice(entry)
    return Track(kind, _u32(tkhd, 28 if tkhd[8] else 20), _header_ticks(_child(mdia, b"mdhd")), shape)


def _look(entry: bytes) -> Look:
    width, height = struct.unpack_from(">HH", entry, 32)
    shares = [struct.unpack_from(">II", one, 8) for kind, one in _boxes(entry, 86) if kind == b"pasp"]
    across, down = shares[0] if shares else (1, 1)
    return Look(width, height, (1, 1) if across == down else (across, down))


def _voice(entry: bytes) -> Voice:
    esds = next(one for kind, one in _boxes(entry, 36) if kind == b"esds")
    bits = int.from_bytes(_decoder_config(esds).ljust(8, b"\0")[:8], "big")
    kind, at = bits >> 59, 59
    if kind == 31:  # an escape: the type follows in six bits
        kind, at = 32 + (bits >> 53 & 63), 53
    index = bits >> at - 4 & 15
    at -= 4
    if index == 15:
        rate, at = bits >> at - 24 & 0xFFFFFF, at - 24
    else:
        rate = RATES[index]
    return Voice(kind, rate, bits >> at - 4 & 15)


def _decoder_config(esds: bytes) -> bytes:
    """Return the DecoderSpecificInfo (tag 5) within its descriptors (ISO/IEC 14496-1, 7.2.6)."""
    at = 12
    while True:
        tag, size, at = esds[at], 0, at + 1
        while True:
            size, more, at = size << 7 | esds[at] & 0x7F, esds[at] & 0x80, at + 1
            if not more:
                break
        if tag == 5:
            return esds[at : at + size]
        at += {3: 3, 4: 13}.get(tag, size)


def _fragment(traf: bytes, ticks: dict[int, int]) -> tuple[int, Samples]:
    tfhd, tfdt, trun = (_child(traf, kind) for kind in (b"tfhd", b"tfdt", b"trun"))
    number, flags, at = _u32(tfhd, 12), _u32(tfhd, 8) & 0xFFFFFF, 16
    duration = size_bytes = 0
    for bit, size in ((1, 8), (2, 4), (8, 4), (0x10, 4)):
        if flags & bit:
            duration = _u32(tfhd, at) if bit == 8 else duration
            size_bytes = _u32(tfhd, at) if bit == 0x10 else size_bytes
            at += size
    time = int.from_bytes(tfdt[12:20], "big") if tfdt[8] else _u32(tfdt, 12)
    flags, count = _u32(trun, 8) & 0xFFFFFF, _u32(trun, 12)
    at = 16 + (4 if flags & 1 else 0) + (4 if flags & 4 else 0)
    fields = [bit for bit in (0x100, 0x200, 0x400, 0x800) if flags & bit]
    row = struct.Struct(">" + "".join("i" if bit == 0x800 else "I" for bit in fields))
    if len(trun) - at != count * row.size:
        raise Unreadable("trun has another length than it says")
    samples = Samples()
    for values in row.iter_unpack(trun[at:]) if fields else [()] * count:
        given = dict(zip(fields, values, strict=True))
        length = given.get(0x100, duration)
        samples.starts_s.append((time + given.get(0x800, 0)) / ticks[number])
        samples.lengths_s.append(length / ticks[number])
        samples.size_bytes += given.get(0x200, size_bytes)
        time += length
    return number, samples


def _table(trak: bytes, track: Track, movie_ticks: int) -> Samples:
    """Unfold the tables of a track; its edit list says when it begins."""
    stbl = _child(trak, b"mdia", b"minf", b"stbl")
    tables = dict(_boxes(stbl))
    shift_s = _begins_s(trak, track, movie_ticks)
    lengths = _runs(tables[b"stts"], "I")
    offsets = _runs(tables[b"ctts"], "i") if b"ctts" in tables else iter(lambda: 0, None)
    samples, time = Samples(), 0
    for length, offset in zip(lengths, offsets, strict=False):
        samples.starts_s.append((time + offset) / track.ticks + shift_s)
        samples.lengths_s.append(length / track.ticks)
        time += length
    return samples


def _runs(table: bytes, sign: str) -> Iterator[int]:
    for count, value in struct.iter_unpack(f">I{sign}", table[16 : 16 + 8 * _u32(table, 12)]):
        for _ in range(count):
            yield value


def _begins_s(trak: bytes, track: Track, movie_ticks: int) -> float:
    found = [one for kind, one in _boxes(trak) if kind == b"edts"]
    if not found:
        return 0.0
    elst, shift_s = _child(found[0], b"elst"), 0.0
    for length, time, _rate in struct.iter_unpack(">QqI" if elst[8] else ">IiI", elst[16:]):
        if time >= 0:
            return float(shift_s - time / track.ticks)
        shift_s += length / movie_ticks  # an empty edit: the track waits
    return shift_s
