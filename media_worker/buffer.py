"""The frames that are not safe in a finished segment yet, so that a killed ffmpeg costs nothing. Bounded."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from media_worker.ingest import TagKind
from media_worker.planning import Frame

MOST_BYTES = 48_000_000
MOST_FRAMES = 20_000
SAFE_MS = 5
"""Rounding between ffmpeg's clock and the encoder's."""


class Buffer:
    """Frames in the order of arrival. With video, the first one is a keyframe."""

    def __init__(self) -> None:
        self._frames: deque[Frame] = deque()
        self._bytes = 0

    def __iter__(self) -> Iterator[Frame]:
        return iter(self._frames)

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def frames(self) -> tuple[Frame, ...]:
        """All frames held, oldest first."""
        return tuple(self._frames)

    @property
    def bytes(self) -> int:
        """Size of their payloads."""
        return self._bytes

    @property
    def has_keyframe(self) -> bool:
        """Whether decoding can begin within the buffer."""
        return any(one.is_keyframe for one in self._frames)

    @property
    def full(self) -> bool:
        """Whether the buffer is over `MOST_BYTES` or `MOST_FRAMES`."""
        return self._bytes > MOST_BYTES or len(self._frames) > MOST_FRAMES

    def add(self, frame: Frame) -> None:
        """Append a frame."""
        self._frames.append(frame)
        self._bytes += len(frame.tag.payload)

    def clear(self) -> None:
        """Drop all frames."""
        self._frames.clear()
        self._bytes = 0

    def drop_before(self, index: int) -> None:
        """Drop the first `index` frames, but keep sound that came ahead of the picture it belongs to."""
        if not index:
            return
        gone = [self._frames.popleft() for _ in range(index)]
        begin = self._frames[0] if self._frames else None
        early: list[Frame] = []
        if begin is not None and begin.is_keyframe:
            early = [one for one in gone if one.is_sound and one.tag.timestamp_ms >= begin.tag.timestamp_ms]
            self._frames.popleft()
            self._frames.extendleft(reversed([begin, *early]))
        self._bytes += sum(len(one.tag.payload) for one in early) - sum(len(one.tag.payload) for one in gone)

    def drop_sound_before(self, stamp: int) -> None:
        """Drop sound from before this time."""
        stay = [one for one in self._frames if not one.is_sound or one.tag.timestamp_ms >= stamp]
        self._frames = deque(stay)
        self._bytes = sum(len(one.tag.payload) for one in stay)

    def safe_until(self, shown_ms: float) -> None:
        """Drop media that finished segments hold up to this presentation time, but keep the last keyframe before it."""
        edge, has_video = shown_ms + SAFE_MS, False
        begin = 0
        for index, one in enumerate(self._frames):
            if one.tag.kind == TagKind.VIDEO:
                has_video = True
                if one.is_keyframe and one.shown_ms <= edge:
                    begin = index
        if not has_video:
            begin = sum(one.tag.timestamp_ms < shown_ms for one in self._frames)
        self.drop_before(begin)

    def begin_at_keyframe(self) -> bool:
        """With video, drop the frames before the first keyframe. Return False if there is video but no keyframe."""
        for index, one in enumerate(self._frames):
            if one.is_keyframe:
                self.drop_before(index)
                return True
        return not any(one.tag.kind == TagKind.VIDEO for one in self._frames)
