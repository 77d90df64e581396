"""FLV as bytes: reads the headers of tags, and writes tags into ffmpeg's pipe.

Sources: Adobe Flash Video File Format 10.1, annex E; Enhanced RTMP v2 (Veovera, 2024) for the FourCC headers.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import NamedTuple

from media_worker.ingest import Tag, TagKind

HEADER_BYTES = 11
_COMMAND_FRAME = 5
_EX_HEADER = 0x80
_EX_AUDIO = 9

VIDEO_CODECS = {2: "flv1", 3: "flashsv", 4: "vp6", 5: "vp6a", 6: "flashsv2", 7: "h264", 12: "hevc", 13: "av1"}
AUDIO_CODECS = {
    0: "pcm", 1: "adpcm", 2: "mp3", 3: "pcm", 4: "nellymoser", 5: "nellymoser", 6: "nellymoser",
    7: "pcm_alaw", 8: "pcm_mulaw", 10: "aac", 11: "speex", 14: "mp3",
}  # fmt: skip
FOURCC = {
    b"avc1": "h264", b"hvc1": "hevc", b"vvc1": "vvc", b"av01": "av1", b"vp09": "vp9", b"vp08": "vp8",
    b"mp4a": "aac", b"Opus": "opus", b".mp3": "mp3", b"fLaC": "flac", b"ac-3": "ac3", b"ec-3": "eac3",
}  # fmt: skip


class Role(enum.Enum):
    """Purpose of a tag."""

    CONFIG = "config"
    KEYFRAME = "keyframe"
    FRAME = "frame"
    END = "end"
    """End of sequence: no more pictures come."""
    OTHER = "other"
    """Metadata or a command. There is nothing to show."""


class TagInfo(NamedTuple):
    """The header of a tag. Every audio frame is a FRAME."""

    codec: str
    role: Role
    composition_ms: int = 0
    """Presentation time less decoding time."""
    body: int = 0
    """Offset of the codec's own bytes in the payload."""


NOTHING = TagInfo("", Role.OTHER)


def describe(tag: Tag) -> TagInfo:
    """Parse the header of an audio or video tag. Return NOTHING if it makes no sense."""
    try:
        if tag.kind == TagKind.VIDEO:
            return _video(tag.payload)
        if tag.kind == TagKind.AUDIO:
            return _audio(tag.payload)
    except IndexError:
        pass
    return NOTHING


def _video(data: bytes) -> TagInfo:
    first = data[0]
    if first & _EX_HEADER:
        return _ex_video(data)
    frame_type, codec = first >> 4, VIDEO_CODECS.get(first & 15, "")
    if frame_type == _COMMAND_FRAME or not codec:
        return NOTHING
    role = Role.KEYFRAME if frame_type == 1 else Role.FRAME
    if codec not in ("h264", "hevc", "av1"):
        return TagInfo(codec, role, 0, 1)
    composition = int.from_bytes(data[2:5], "big", signed=True)
    if data[1] == 0:
        return TagInfo(codec, Role.CONFIG, 0, 5)
    if data[1] == 2:
        return TagInfo(codec, Role.END)
    return TagInfo(codec, role, composition, 5) if data[1] == 1 else NOTHING


def _ex_video(data: bytes) -> TagInfo:
    frame_type, (kind, at) = (data[0] >> 4) & 7, _skip_extensions(data)
    if kind == 6:  # multitrack: only the first track counts
        kind, at = data[at] & 15, at + 1
    codec = FOURCC.get(data[at : at + 4], "")
    if frame_type == _COMMAND_FRAME or not codec:
        return NOTHING
    if kind == 0:
        return TagInfo(codec, Role.CONFIG, 0, at + 4)
    if kind == 2:
        return TagInfo(codec, Role.END)
    if kind not in (1, 3):
        return NOTHING
    role = Role.KEYFRAME if frame_type == 1 else Role.FRAME
    if kind == 1 and codec in ("h264", "hevc", "vvc"):
        return TagInfo(codec, role, int.from_bytes(data[at + 4 : at + 7], "big", signed=True), at + 7)
    return TagInfo(codec, role, 0, at + 4)


def _audio(data: bytes) -> TagInfo:
    sound = data[0] >> 4
    if sound != _EX_AUDIO:
        codec = AUDIO_CODECS.get(sound, "")
        if codec == "aac":
            return TagInfo(codec, Role.CONFIG if data[1] == 0 else Role.FRAME, 0, 2)
        return TagInfo(codec, Role.FRAME, 0, 1) if codec and len(data) > 1 else NOTHING
    kind, at = _skip_extensions(data)
    if kind == 5:
        kind, at = data[at] & 15, at + 1
    codec = FOURCC.get(data[at : at + 4], "")
    role = {0: Role.CONFIG, 1: Role.FRAME}.get(kind, Role.OTHER)
    return TagInfo(codec, role, 0, at + 4) if codec else NOTHING


def _skip_extensions(data: bytes) -> tuple[int, int]:
    """Return packet type and position after any ModEx blocks (Enhanced RTMP v2, packet type 7)."""
    kind, at = data[0] & 15, 1
    while kind == 7:
        size, at = data[at] + 1, at + 1
        if size == 256:
            size, at = int.from_bytes(data[at : at + 2], "big") + 1, at + 2
        at += size
        kind, at = data[at] & 15, at + 1
    return kind, at


def with_body(tag: Tag, info: TagInfo, body: bytes, *, keyframe: bool, shift_ms: int) -> bytes:
    """Return the payload of a picture (H.264 or HEVC) with other bytes, kind or composition time.

    An enhanced header is written in its plainest form, without extensions and tracks.
    """
    kind = 1 if keyframe else 2
    shift = shift_ms.to_bytes(3, "big", signed=True)
    if tag.payload[0] & _EX_HEADER:
        fourcc = next(one for one, codec in FOURCC.items() if codec == info.codec)
        return bytes([_EX_HEADER | kind << 4 | 1]) + fourcc + shift + body
    return bytes([kind << 4 | tag.payload[0] & 15, 1]) + shift + body


def file_header(*, audio: bool, video: bool) -> bytes:
    """Return the first 13 bytes of an FLV file."""
    return b"FLV\x01" + bytes([audio * 4 + video]) + b"\0\0\0\x09\0\0\0\0"


def write_tag(kind: TagKind, timestamp_ms: int, payload: bytes) -> bytes:
    """Return one tag with its trailing size."""
    stamp = timestamp_ms & 0xFFFFFFFF
    size = len(payload)
    head = (
        bytes([kind]) + size.to_bytes(3, "big") + (stamp & 0xFFFFFF).to_bytes(3, "big") + bytes([stamp >> 24, 0, 0, 0])
    )
    return head + payload + (size + HEADER_BYTES).to_bytes(4, "big")


class FlvWriter:
    """Writes media as FLV, each frame as one tag."""

    def __init__(self, *, audio: bool = True) -> None:
        self._audio = audio

    def head(self, _tracks: object, video_config: bytes, audio_config: bytes) -> bytes:
        """Return the bytes that ffmpeg needs before the first frame. A config is a tag body, empty if there is none."""
        configs = ((TagKind.VIDEO, video_config), (TagKind.AUDIO, audio_config))
        tags = (write_tag(kind, 0, config) for kind, config in configs if config)
        return file_header(audio=self._audio, video=True) + b"".join(tags)

    def frame(self, kind: TagKind, timestamp_ms: int, payload: bytes) -> bytes:
        """Return one frame as bytes. The payload is the body of a tag."""
        return write_tag(kind, timestamp_ms, payload)


def read_file(data: bytes, arrived_ms: float = 0.0) -> Iterator[Tag]:
    """Yield the tags of a whole FLV file."""
    for tag in FlvReader().feed(data):
        yield tag._replace(arrived_ms=arrived_ms)


class FlvReader:
    """Reads tags from FLV that arrives in pieces."""

    def __init__(self) -> None:
        self._data = b""
        self._at = 13

    def feed(self, data: bytes) -> list[Tag]:
        """Take bytes. Return the tags that are complete now."""
        data, at, tags = self._data + data, self._at, []
        while at + HEADER_BYTES <= len(data):
            size = int.from_bytes(data[at + 1 : at + 4], "big")
            stamp = int.from_bytes(data[at + 4 : at + 7], "big") | data[at + 7] << 24
            body = data[at + HEADER_BYTES : at + HEADER_BYTES + size]
            if len(body) < size:
                break
            if data[at] in (8, 9, 18):
                tags.append(Tag(TagKind(data[at]), stamp, body, 0.0))
            at += HEADER_BYTES + size + 4
        self._data, self._at = data[at:], max(0, at - len(data))
        return tags
