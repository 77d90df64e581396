"""A recorder's frames as FLV tags, the pipeline's own coin. Sources as in `media_worker/flv.py`.

Chrome writes H.264 with start codes, and its parameter sets among the pictures (ITU-T H.264, annex B). The file format
wants lengths and an avcC record instead (ISO/IEC 14496-15, 5.3.3), and gets them here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from media_worker.browser.container import ContainerError, MediaFrame, Track
from media_worker.ingest import Tag, TagKind

_FOURCC = {"vp8": b"vp08", "vp9": b"vp09", "av1": b"av01"}
_EX_CONFIG, _EX_FRAME = 0, 1
_EX_AUDIO = 0x90
_START = b"\0\0\1"
_MOST_NALS = 512
"""Maximum number of slices and parameter sets in one picture. A few are usual."""
_IDR, _SPS, _PPS, _DELIMITER = 5, 7, 8, 9


class TagMaker:
    """Turns the frames of one recorder into tags."""

    def __init__(self) -> None:
        self._described: set[TagKind] = set()
        self._sets: dict[int, bytes] = {}
        self._avcc = b""

    def tags(self, frame: MediaFrame, arrived_ms: float, handed_ms: float) -> Iterator[Tag]:
        """Yield a frame as tags, preceded by its track's description if it is the first. Raises ContainerError."""
        track, stamp = frame.track, max(0, round(frame.timestamp_ms))
        if track.kind not in self._described and track.codec in _FOURCC:
            yield Tag(TagKind.SCRIPT, stamp, metadata(track), arrived_ms, handed_ms)
        for payload in self._h264(frame) if track.codec == "h264" else self._other(frame):
            yield Tag(track.kind, stamp, payload, arrived_ms, handed_ms)
        self._described.add(track.kind)

    def _other(self, frame: MediaFrame) -> Iterator[bytes]:
        track, first = frame.track, frame.track.kind not in self._described
        if track.codec == "aac":
            if first:
                yield b"\xaf\0" + track.config
            yield b"\xaf\1" + frame.data
        elif track.codec == "opus":
            if first:
                yield bytes([_EX_AUDIO | _EX_CONFIG]) + b"Opus" + (track.config or _opus_head())
            yield bytes([_EX_AUDIO | _EX_FRAME]) + b"Opus" + frame.data
        else:
            fourcc = _FOURCC[track.codec]
            if first and track.config:
                yield bytes([0x90 | _EX_CONFIG]) + fourcc + track.config
            yield bytes([0x80 | (1 if frame.keyframe else 2) << 4 | _EX_FRAME]) + fourcc + frame.data

    def _h264(self, frame: MediaFrame) -> Iterator[bytes]:
        data, keyframe, track = frame.data, frame.keyframe, frame.track
        if track.config:
            config = track.config
        elif data.startswith((b"\0\0\0\1", _START)):
            data, keyframe = self._with_lengths(data)
            config = _avcc(self._sets)
        else:
            raise ContainerError("h264.no_config", "pictures without parameter sets")
        if config and config != self._avcc:
            self._avcc = config
            yield b"\x17\0\0\0\0" + config
        if self._avcc and data:
            shift = max(-(1 << 23), min((1 << 23) - 1, round(frame.composition_ms)))
            yield (b"\x17\1" if keyframe else b"\x27\1") + shift.to_bytes(3, "big", signed=True) + data

    def _with_lengths(self, data: bytes) -> tuple[bytes, bool]:
        """Return the picture with lengths for start codes and without parameter sets, and whether it is a keyframe."""
        parts, keyframe = [], False
        found = data.split(_START, _MOST_NALS + 1)
        if len(found) > _MOST_NALS + 1:
            raise ContainerError("h264.nals", f"more than {_MOST_NALS} units in one picture")
        for unit in found[1:]:
            nal = unit.rstrip(b"\0")  # the zero belongs to the next start code: a unit never ends in one
            if not nal:
                continue
            kind = nal[0] & 31
            if kind in (_SPS, _PPS):
                self._sets[kind] = nal
            elif kind != _DELIMITER:
                keyframe = keyframe or kind == _IDR
                parts += [len(nal).to_bytes(4, "big"), nal]
        return b"".join(parts), keyframe


def _avcc(sets: dict[int, bytes]) -> bytes:
    sps, pps = sets.get(_SPS, b""), sets.get(_PPS, b"")
    if len(sps) < 4 or not pps or len(sps) > 65535 or len(pps) > 65535:
        return b""
    head = b"\1" + sps[1:4] + b"\xff\xe1"
    return head + len(sps).to_bytes(2, "big") + sps + b"\1" + len(pps).to_bytes(2, "big") + pps


def _opus_head() -> bytes:
    """Return an OpusHead (RFC 7845, 5.1) of two channels, for a track that has none."""
    return b"OpusHead\x01" + struct.pack("<BHIhB", 2, 312, 48000, 0, 0)


def metadata(track: Track) -> bytes:
    """Return an `onMetaData` (AMF0) with the picture's size, for codecs whose header the pipeline does not read."""
    fields = {b"width": track.width, b"height": track.height}
    body = b"".join(struct.pack(">H", len(name)) + name + struct.pack(">xd", value) for name, value in fields.items())
    return b"\x02\0\x0aonMetaData\x08" + struct.pack(">I", len(fields)) + body + b"\0\0\x09"
