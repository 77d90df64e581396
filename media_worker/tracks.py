"""An encoder's tracks: codec, picture size, sample rate, and whether a browser plays them as they are."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from media_worker.flv import Role, TagInfo
from media_worker.ingest import Tag, TagKind

_AAC_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_AAC_LC = 2
_FLV_RATES = (5512, 11025, 22050, 44100)
_TRACK_NAMES = {TagKind.VIDEO: b"\0\x0cvideocodecid", TagKind.AUDIO: b"\0\x0caudiocodecid"}
_HIGH_PROFILES = (100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135)


@dataclass(frozen=True)
class VideoTrack:
    """A video track as its header describes it."""

    codec: str
    width: int = 0
    height: int = 0
    playable: bool = False
    """H.264 with 8 bit 4:2:0, which every browser decodes."""


@dataclass(frozen=True)
class AudioTrack:
    """An audio track as its header describes it."""

    codec: str
    sample_rate: int = 0
    channels: int = 0
    playable: bool = False
    """AAC-LC at 44.1 or 48 kHz with one or two channels."""


@dataclass
class Tracks:
    """The tracks as seen so far, fed with every tag."""

    video: VideoTrack | None = None
    audio: AudioTrack | None = None
    video_config: Tag | None = None
    audio_config: Tag | None = None
    encoder: str = ""
    announced: frozenset[TagKind] = frozenset()
    """Tracks that the encoder's metadata name."""
    _size: tuple[int, int] = (0, 0)

    def see(self, tag: Tag, info: TagInfo) -> bool:
        """Take note of a tag. Return True if a track has changed so much that ffmpeg must start again."""
        if tag.kind == TagKind.SCRIPT:
            self._see_metadata(tag.payload)
            return False
        if info.role in (Role.OTHER, Role.END):
            return False
        return self._see_video(tag, info) if tag.kind == TagKind.VIDEO else self._see_audio(tag, info)

    def promises(self, kind: TagKind) -> bool:
        """Return whether the encoder has announced this track."""
        config = self.video_config if kind == TagKind.VIDEO else self.audio_config
        return config is not None or kind in self.announced

    def _see_video(self, tag: Tag, info: TagInfo) -> bool:
        before, old_config = self.video, self.video_config
        if info.role is Role.CONFIG:
            if old_config is not None and old_config.payload == tag.payload:
                return False
            self.video_config = tag
            self.video = video_from_config(info.codec, tag.payload[info.body :], self._size)
        elif before is None or before.codec != info.codec:
            self.video = VideoTrack(info.codec, *self._size)
            self.video_config = None
        else:
            return False
        return before is not None

    def _see_audio(self, tag: Tag, info: TagInfo) -> bool:
        before, old_config = self.audio, self.audio_config
        if info.role is Role.CONFIG:
            if old_config is not None and old_config.payload == tag.payload:
                return False
            self.audio_config = tag
            self.audio = audio_from_config(info.codec, tag.payload[info.body :])
        elif before is None or before.codec != info.codec:
            self.audio = audio_from_flags(info.codec, tag.payload[0])
            self.audio_config = None
        else:
            return False
        return before is not None

    def _see_metadata(self, data: bytes) -> None:
        self.announced = frozenset(kind for kind, name in _TRACK_NAMES.items() if name in data)
        width, height = (_number_named(data, name) for name in (b"width", b"height"))
        self._size = (width, height)
        found = re.search(rb"\x00\x07encoder\x02(..)", data, re.DOTALL)
        if found:
            size = int.from_bytes(found[1], "big")
            self.encoder = data[found.end() : found.end() + min(size, 80)].decode("utf-8", "replace")


def _number_named(data: bytes, name: bytes) -> int:
    found = re.search(struct.pack(">H", len(name)) + name + rb"\x00(.{8})", data, re.DOTALL)
    value = struct.unpack(">d", found[1])[0] if found else 0.0
    return int(value) if 0 < value < 65536 else 0


def video_from_config(codec: str, config: bytes, size: tuple[int, int]) -> VideoTrack:
    """Parse an avcC record (ISO/IEC 14496-15, 5.3.3.1). Other codecs are re-encoded, so only their name counts."""
    if codec != "h264":
        return VideoTrack(codec, *size)
    try:
        length = int.from_bytes(config[6:8], "big")
        return _read_sps(config[8 : 8 + length])
    except (IndexError, ValueError):
        return VideoTrack(codec, *size)


def audio_from_config(codec: str, config: bytes) -> AudioTrack:
    """Parse an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1) or an OpusHead."""
    if codec == "opus":
        return AudioTrack("opus", 48000, config[9] if len(config) > 9 else 2)
    if codec != "aac" or len(config) < 2:
        return AudioTrack(codec)
    bits = _Bits(config + bytes(8))
    kind, index = bits.take(5), bits.take(4)
    rate = bits.take(24) if index == 15 else (_AAC_RATES[index] if index < len(_AAC_RATES) else 0)
    channels = bits.take(4)
    return AudioTrack("aac", rate, channels, kind == _AAC_LC and rate in (44100, 48000) and channels in (1, 2))


def audio_from_flags(codec: str, flags: int) -> AudioTrack:
    """Return the track that the first byte of a legacy audio tag describes."""
    rate = {"speex": 16000, "pcm_alaw": 8000, "pcm_mulaw": 8000}.get(codec, _FLV_RATES[flags >> 2 & 3])
    return AudioTrack(codec, rate, 1 + (flags & 1))


class _Bits:
    """A bit reader with Exp-Golomb codes (H.264, 9.1)."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data, "big"), len(data) * 8

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise ValueError("too short")
        return self._value >> self._left & ((1 << count) - 1)

    def ue(self) -> int:
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)

    def se(self) -> int:
        code = self.ue()
        return (code + 1) // 2 if code & 1 else -(code // 2)


def _read_sps(nal: bytes) -> VideoTrack:
    """Parse a sequence parameter set (H.264, 7.3.2.1.1) as far as the picture's size."""
    bits = _Bits(nal[1:].replace(b"\0\0\3", b"\0\0"))
    profile = bits.take(8)
    bits.take(16)
    bits.ue()
    chroma, depth = (1, 8)
    if profile in _HIGH_PROFILES:
        chroma, depth = _read_high(bits)
    bits.ue()
    _skip_picture_order(bits)
    bits.ue()
    bits.take(1)
    width, height_units = (bits.ue() + 1) * 16, bits.ue() + 1
    frame_only = bits.take(1)
    if not frame_only:
        bits.take(1)
    bits.take(1)
    crop = [bits.ue() for _ in range(4)] if bits.take(1) else [0, 0, 0, 0]
    unit_y = 2 * (2 - frame_only) if chroma == 1 else 2 - frame_only
    height = height_units * 16 * (2 - frame_only) - (crop[2] + crop[3]) * unit_y
    width -= (crop[0] + crop[1]) * (2 if chroma in (1, 2) else 1)
    return VideoTrack("h264", width, height, chroma == 1 and depth == 8)


def _read_high(bits: _Bits) -> tuple[int, int]:
    chroma = bits.ue()
    if chroma == 3:
        bits.take(1)
    depth = 8 + max(bits.ue(), bits.ue())
    bits.take(1)
    if bits.take(1):
        for index in range(12 if chroma == 3 else 8):
            if bits.take(1):
                _skip_scaling_list(bits, 16 if index < 6 else 64)
    return chroma, depth


def _skip_scaling_list(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.se()) % 256
        last = following or last


def _skip_picture_order(bits: _Bits) -> None:
    kind = bits.ue()
    if kind == 0:
        bits.ue()
    elif kind == 1:
        bits.take(1)
        bits.se()
        bits.se()
        for _ in range(min(bits.ue(), 255)):
            bits.se()
