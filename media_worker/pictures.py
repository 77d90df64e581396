"""Join parts of pictures: some encoders send each NAL unit as a message of its own, all with one timestamp.

A delimiter, a message for the decoder (SEI) or one slice is no picture. A player that takes a slice for a picture
shows grey or gives up. Sources: ITU-T H.264, 7.3.1 and 7.3.3; H.265, 7.3.1 and 7.3.6.1; ISO/IEC 14496-15, 5.3.
"""

from __future__ import annotations

from collections.abc import Iterator

from media_worker.flv import Role, TagInfo, with_body
from media_worker.ingest import Tag, TagKind

WATCHED_MS = 3000
"""Media time after the first picture in which each picture is held until the next message. The takes gather frames then
anyway. Later only the pictures of an encoder that has sent parts are held."""
MOST_PARTS = 512
"""Maximum number of slices in one picture. A few are usual."""
HELD_MS = 500
"""Lead of the sound over a held picture that shows that no more parts of the picture will come."""


class PictureJoiner:
    """Joins messages with the same timestamp that hold parts of one picture (H.264 and HEVC)."""

    def __init__(self) -> None:
        self._parts: list[Tag] = []
        self._infos: list[TagInfo] = []
        self._is_begun = False
        """Whether the parts hold a slice."""
        self._splits = False
        self._watched_from: int | None = None
        self._length_bytes = 4

    def join(self, tag: Tag, info: TagInfo) -> Iterator[Tag]:
        """Take a tag. Yield the tags that are whole, in their order."""
        if tag.kind != TagKind.VIDEO or info.codec not in ("h264", "hevc"):
            if self._parts and (tag.kind == TagKind.VIDEO or tag.timestamp_ms > self._parts[0].timestamp_ms + HELD_MS):
                yield from self.rest()
            yield tag
            return
        if info.role not in (Role.FRAME, Role.KEYFRAME):
            yield from self.rest()
            if info.role is Role.CONFIG:
                self._length_bytes = _length_bytes(info.codec, tag.payload[info.body :])
            yield tag
            return
        begins, slices = self._look(tag, info)
        if self._parts and (self._parts[0].timestamp_ms != tag.timestamp_ms or (begins and self._is_begun)):
            yield from self.rest()
        if self._parts or not slices:
            self._splits = True
        self._parts.append(tag)
        self._infos.append(info)
        self._is_begun = self._is_begun or slices
        if self._watched_from is None:
            self._watched_from = tag.timestamp_ms
        is_watched = self._splits or 0 <= tag.timestamp_ms - self._watched_from < WATCHED_MS
        if (self._is_begun and not is_watched) or len(self._parts) >= MOST_PARTS:
            yield from self.rest()

    def rest(self) -> Iterator[Tag]:
        """Yield the picture that is held; no more parts of it come."""
        parts, infos = self._parts, self._infos
        self._parts, self._infos, self._is_begun = [], [], False
        if len(parts) == 1:
            yield parts[0]
        elif parts:
            bodies = b"".join(one.payload[info.body :] for one, info in zip(parts, infos, strict=True))
            keyframe = any(one.role is Role.KEYFRAME for one in infos)
            shift = infos[-1].composition_ms
            yield parts[-1]._replace(payload=with_body(parts[-1], infos[-1], bodies, keyframe=keyframe, shift_ms=shift))

    def _look(self, tag: Tag, info: TagInfo) -> tuple[bool, bool]:
        """Return whether a message begins a picture, and whether it holds a slice at all."""
        at, data, width = info.body, tag.payload, self._length_bytes
        while at + width < len(data):
            size = int.from_bytes(data[at : at + width], "big")
            nal = data[at + width : at + width + min(size, 3)]
            if nal and _is_slice(info.codec, nal[0]):
                head = 1 if info.codec == "h264" else 2
                # first_mb_in_slice is 0, which is written as a single 1; first_slice_segment_in_pic_flag
                return len(nal) <= head or bool(nal[head] & 0x80), True
            at += width + size
        return False, False


def _is_slice(codec: str, first: int) -> bool:
    return 1 <= first & 31 <= 5 if codec == "h264" else first >> 1 & 63 < 32


def _length_bytes(codec: str, config: bytes) -> int:
    """Return the size in bytes of a NAL unit's length field, by the avcC or hvcC record."""
    at = 4 if codec == "h264" else 21
    return (config[at] & 3) + 1 if len(config) > at else 4
