"""Figures of an encoder's stream over the last five seconds."""

from __future__ import annotations

from collections import deque

from media_worker.contract import Alarm, AudioHealth, Health, Processing, VideoHealth
from media_worker.flv import Role, TagInfo
from media_worker.ingest import Tag, TagKind
from media_worker.tracks import Tracks

WINDOW_MS = 5000.0
KEYFRAMES = 5
"""Number of distances between keyframes that count as recent."""


class Meter:
    """Counts the frames and bytes of one track as they arrive."""

    def __init__(self) -> None:
        self._buckets: deque[list[float]] = deque()
        self._from_ms: float | None = None

    def count(self, arrived_ms: float, size: int) -> None:
        """Count a frame."""
        second = arrived_ms // 250
        if self._from_ms is None:
            self._from_ms = arrived_ms
        if not self._buckets or self._buckets[-1][0] != second:
            self._buckets.append([second, 0, 0])
        self._buckets[-1][1] += 1
        self._buckets[-1][2] += size
        self._forget(arrived_ms)

    def _forget(self, now_ms: float) -> None:
        while self._buckets and self._buckets[0][0] * 250 < now_ms - WINDOW_MS:
            self._buckets.popleft()

    def rates(self, now_ms: float) -> tuple[float, int]:
        """Return frames per second and kbit/s."""
        self._forget(now_ms)
        if self._from_ms is None:
            return 0.0, 0
        seconds = min(WINDOW_MS, max(500.0, now_ms - self._from_ms)) / 1000
        frames, size = (sum(one[index] for one in self._buckets) for index in (1, 2))
        return round(frames / seconds, 1), round(size * 8 / 1000 / seconds)


class Monitor:
    """Measures a publication by all its tags."""

    def __init__(self, client: str, encoder: str) -> None:
        self._client, self._encoder = client, encoder
        self._video, self._audio = Meter(), Meter()
        self._keyframe_at: int | None = None
        self._distances: deque[int] = deque(maxlen=KEYFRAMES)
        self.last_ms: float | None = None

    def see(self, tag: Tag, info: TagInfo) -> None:
        """Count a frame."""
        if info.role not in (Role.FRAME, Role.KEYFRAME):
            return
        self.last_ms = tag.arrived_ms
        (self._video if tag.kind == TagKind.VIDEO else self._audio).count(tag.arrived_ms, len(tag.payload))
        if info.role is Role.KEYFRAME:
            if self._keyframe_at is not None and tag.timestamp_ms >= self._keyframe_at:
                self._distances.append(tag.timestamp_ms - self._keyframe_at)
            self._keyframe_at = tag.timestamp_ms

    def health(
        self, tracks: Tracks, video: Processing, audio: Processing, alarms: tuple[Alarm, ...], now_ms: float
    ) -> Health:
        """Return the present figures."""
        return Health(
            video=self._video_health(tracks, video, now_ms),
            audio=self._audio_health(tracks, audio, now_ms),
            last_frame_age_ms=0 if self.last_ms is None else max(0, round(now_ms - self.last_ms)),
            alarms=alarms,
            encoder=tracks.encoder or self._encoder,
            client=self._client,
        )

    def _video_health(self, tracks: Tracks, processing: Processing, now_ms: float) -> VideoHealth | None:
        one = tracks.video
        if one is None:
            return None
        fps, kbps = self._video.rates(now_ms)
        distance = max(self._distances, default=0)
        return VideoHealth(one.codec, one.width, one.height, kbps, fps, distance, processing)

    def _audio_health(self, tracks: Tracks, processing: Processing, now_ms: float) -> AudioHealth | None:
        one = tracks.audio
        if one is None:
            return None
        return AudioHealth(one.codec, one.sample_rate, one.channels, self._audio.rates(now_ms)[1], processing)
