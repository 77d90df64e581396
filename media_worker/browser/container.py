"""The common parts of all containers: tracks, timed frames, and limits on what a sender may claim."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from media_worker.ingest import TagKind

MOST_HEADER_BYTES = 64 * 1024
"""Maximum size of a description of tracks, and of the table of one fragment. Browsers write 0.2 to 2 kB."""
MOST_FRAME_BYTES = 4 * 1024 * 1024
"""Maximum size of a frame, and of a fragment of an MP4. A keyframe of 1080p at 8 Mbit/s has about 300 kB."""
MOST_TRACKS = 8
"""Maximum number of tracks in one file. A recorder writes two."""


class ContainerError(Exception):
    """No browser's recorder writes such bytes.

    Args:
        code: stable word for the log and the sender, e.g. `webm.lacing`.
        detail: what happened, for the log.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class Track(NamedTuple):
    """A track as its header describes it."""

    kind: TagKind
    codec: str
    """h264, vp8, vp9, av1, opus, aac."""
    config: bytes = b""
    """avcC record, OpusHead or AudioSpecificConfig. Empty means that the stream itself carries it."""
    width: int = 0
    height: int = 0


class MediaFrame(NamedTuple):
    """One coded frame."""

    track: Track
    timestamp_ms: float
    """Decoding time on the recorder's clock."""
    keyframe: bool
    data: bytes
    composition_ms: float = 0.0
    """Presentation time less decoding time."""
    captured_ms: float | None = None
    """Moment of capture on the page's clock. `None` means that only the end of the chunk is known."""


class Reader(Protocol):
    """Reads one recorder's output from pieces of any size."""

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""

    def frames(self) -> Iterator[MediaFrame]:
        """Yield the frames that are whole, lazily, so that the caller may pause. Raises ContainerError."""

    def resync(self) -> None:
        """Drop a half-read frame, because bytes are missing. Go on where the format allows it."""
