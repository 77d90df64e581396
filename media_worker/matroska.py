"""Matroska for ffmpeg's pipe. ffmpeg's FLV reader does not know VP8, which Firefox records.

Source: RFC 9559 (element numbers: section 5.1, blocks: section 10).
"""

from __future__ import annotations

import struct

from media_worker.flv import Role, describe
from media_worker.ingest import Tag, TagKind
from media_worker.tracks import Tracks

_NUMBERS = {TagKind.VIDEO: 1, TagKind.AUDIO: 2}
_CODECS = {"vp8": "V_VP8", "opus": "A_OPUS", "aac": "A_AAC"}
_CLUSTER_MS = 5000
"""Maximum length of a cluster, because block times are 16 bits relative to it."""


def element(number: int, *parts: bytes) -> bytes:
    """Return one element, with its size in eight bytes."""
    body = b"".join(parts)
    return _number(number) + (1 << 56 | len(body)).to_bytes(8, "big") + body


def _number(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _uint(number: int, value: int) -> bytes:
    return element(number, value.to_bytes(8, "big"))


_UNKNOWN_SIZE = b"\x01\xff\xff\xff\xff\xff\xff\xff"


class MatroskaWriter:
    """Writes media as Matroska, frame by frame."""

    def __init__(self) -> None:
        self._cluster_ms: int | None = None

    def head(self, tracks: Tracks, _video_config: bytes, audio_config: bytes) -> bytes:
        """Return the bytes that ffmpeg needs before the first frame. A config is a tag body, empty if there is none."""
        info = describe(Tag(TagKind.AUDIO, 0, audio_config, 0.0)) if audio_config else None
        video = tracks.video
        size = element(0xE0, _uint(0xB0, video.width or 2), _uint(0xBA, video.height or 2)) if video else b""
        entries = [self._entry(TagKind.VIDEO, video.codec if video else "vp8", size)]
        if info is not None:
            rate = tracks.audio.sample_rate if tracks.audio and tracks.audio.sample_rate else 48000
            channels = tracks.audio.channels if tracks.audio and tracks.audio.channels else 1
            sound = element(0xE1, element(0xB5, struct.pack(">d", rate)), _uint(0x9F, channels))
            config = element(0x63A2, audio_config[info.body :])
            entries.append(self._entry(TagKind.AUDIO, info.codec, sound, config))
        return b"".join([
            element(0x1A45DFA3, element(0x4282, b"matroska"), _uint(0x4287, 4), _uint(0x4285, 2)),
            _number(0x18538067), _UNKNOWN_SIZE,
            element(0x1549A966, _uint(0x2AD7B1, 1_000_000)),
            element(0x1654AE6B, *entries),
        ])  # fmt: skip

    def _entry(self, kind: TagKind, codec: str, *more: bytes) -> bytes:
        number = _NUMBERS[kind]
        name = element(0x86, _CODECS.get(codec, codec).encode())
        return element(0xAE, _uint(0xD7, number), _uint(0x73C5, number), _uint(0x83, number), name, *more)

    def frame(self, kind: TagKind, timestamp_ms: int, payload: bytes) -> bytes:
        """Return one frame as bytes. The payload is the body of a tag."""
        info = describe(Tag(kind, timestamp_ms, payload, 0.0))
        if info.role not in (Role.FRAME, Role.KEYFRAME):
            return b""
        head = b""
        begun = self._cluster_ms
        if begun is None or info.role is Role.KEYFRAME or not 0 <= timestamp_ms - begun < _CLUSTER_MS:
            self._cluster_ms = begun = timestamp_ms
            head = _number(0x1F43B675) + _UNKNOWN_SIZE + _uint(0xE7, timestamp_ms)
        is_key = kind == TagKind.AUDIO or info.role is Role.KEYFRAME
        place = struct.pack(">BhB", 0x80 | _NUMBERS[kind], timestamp_ms - begun, 0x80 if is_key else 0)
        return head + element(0xA3, place, payload[info.body :])
