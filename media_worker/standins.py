"""Stand-ins for a missing track: silence and a dark picture, as FLV tags that need no encoding.

ffmpeg would have to encode its own `anullsrc` and `color` all lesson long. These few bytes are only copied.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from media_worker.flv import Role, describe, read_file
from media_worker.ingest import TagKind

SILENCE_RATE = 48000
_SILENCE_CONFIG = bytes([0xAF, 0x00, 0x11, 0x88])
"""AudioSpecificConfig: AAC-LC, 48 kHz, one channel."""
_SILENCE_FRAME = bytes([0xAF, 0x01, 0x00, 0xC8, 0x00, 0x80, 0x23, 0x80])
"""One AAC frame of 1024 silent samples, one channel (ISO/IEC 14496-3: a single_channel_element with no spectrum)."""

STILL_EVERY_MS = 200


class Silence:
    """A silent audio track that keeps up with the picture."""

    kind = TagKind.AUDIO
    config = _SILENCE_CONFIG

    def __init__(self, from_ms: int = 0) -> None:
        self._frame = -(-from_ms * SILENCE_RATE // 1024 // 1000)

    def until(self, timestamp_ms: int) -> Iterator[tuple[int, bytes]]:
        """Yield timestamp (ms) and payload of the tags up to this time."""
        while (stamp := round(self._frame * 1024 * 1000 / SILENCE_RATE)) <= timestamp_ms:
            yield stamp, _SILENCE_FRAME
            self._frame += 1


class Still:
    """A dark picture, all keyframes, that keeps up with the sound."""

    kind = TagKind.VIDEO

    def __init__(self) -> None:
        self.config, *self._frames = _still_tags()
        self._frame = 0

    def until(self, timestamp_ms: int) -> Iterator[tuple[int, bytes]]:
        """Yield timestamp (ms) and payload of the tags up to this time."""
        while (stamp := self._frame * STILL_EVERY_MS) <= timestamp_ms:
            # two pictures in turn: neighbouring IDR pictures must differ in idr_pic_id (H.264, 7.4.3)
            yield stamp, self._frames[self._frame % 2]
            self._frame += 1


@cache
def _still_tags() -> list[bytes]:
    """Return the tags of `still.flv`: libx264, 640x360, two IDR pictures of the page's dark background, without SEI."""
    tags = read_file(Path(__file__).with_name("still.flv").read_bytes())
    return [tag.payload for tag in tags if describe(tag).role in (Role.CONFIG, Role.KEYFRAME)]
