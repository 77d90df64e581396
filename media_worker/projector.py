"""Pictures that stand still: each one is decoded, becomes a keyframe, and is shown until the next one.

Encoders of screens send nothing while nothing moves. Sound and recording need a picture every second all the same,
and a coded difference cannot be shown twice. So one ffmpeg turns each picture into a keyframe, and the projector
repeats the newest one for as long as the sound goes on without another.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence

from media_worker.commands import Container, pictures_command
from media_worker.flv import FlvReader, FlvWriter, Role, describe
from media_worker.ingest import Tag, TagKind
from media_worker.matroska import MatroskaWriter
from media_worker.planning import Frame
from media_worker.process import Converter
from media_worker.tracks import Tracks

REPEAT_MS = 250
"""Delay after which the picture is repeated. Segments are cut at pictures, one a second."""
FINISHES_WITHIN_S = 10.0
"""Maximum wait at the end for pictures that the decoder still holds."""
DECODED_WITHIN_S = 1.0
"""Maximum wait of the sound for a picture in the decoder, which keeps one or two back when it reorders pictures."""


class Projector:
    """One decoder from a keyframe on.

    Args:
        program: ffmpeg.
        container: format of its input.
        tracks: the encoder's description of its picture.
        frames: pictures from a keyframe on.
        from_ms: the output begins here (encoder's clock), with the picture that stands at that time.
        clock: returns the seconds of any monotonic clock.
        give: called with each frame, pictures and sound in the order of their times.
    """

    def __init__(
        self,
        *,
        program: str,
        container: Container,
        tracks: Tracks,
        frames: Sequence[Frame],
        from_ms: float,
        clock: Callable[[], float],
        give: Callable[[Frame], None],
    ) -> None:
        self.config: bytes | None = None
        """Description (FLV tag body) of the pictures in the output. `None` before the first one."""
        self._clock, self._give = clock, give
        self._base_ms = frames[0].tag.timestamp_ms
        self._floor_ms = round(from_ms)
        self._from_ms = min(round(from_ms), max(one.shown_ms for one in frames)) - self._base_ms
        self._writer = MatroskaWriter() if container is Container.MATROSKA else FlvWriter(audio=False)
        self._reader = FlvReader()
        self._on_the_way: deque[tuple[int, float]] = deque()
        """Presentation time on the encoder's clock, and the moment at which the decoder got the picture."""
        self._pictures: deque[Frame] = deque()
        self._sound: deque[Frame] = deque()
        self._shown: Frame | None = None
        self._shown_at = -1
        self.is_over = False
        """The decoder has ended. No new picture comes, and the last one stays."""
        self._converter = Converter(pictures_command(program, container, self._from_ms), self._hear, self._gone)
        config = tracks.video_config.payload if tracks.video_config else b""
        self._converter.feed(self._writer.head(tracks, config, b""))
        for one in frames:
            self.feed(one)

    @property
    def is_blind(self) -> bool:
        """Whether no picture will ever come."""
        return self.is_over and self._shown is None and not self._pictures

    @property
    def waits_for_ms(self) -> int | None:
        """Time of the earliest picture that the decoder still holds."""
        return self._on_the_way[0][0] if self._on_the_way else None

    def feed(self, frame: Frame) -> None:
        """Take a frame from the encoder."""
        if frame.is_sound:
            self._sound.append(frame)
            self.go_on()
            return
        stamp = frame.tag.timestamp_ms - self._base_ms
        self._converter.feed(self._writer.frame(TagKind.VIDEO, stamp, frame.tag.payload))
        if frame.shown_ms - self._base_ms >= self._from_ms:
            self._on_the_way.append((frame.shown_ms, self._clock()))

    async def finish(self) -> None:
        """Wait for the pictures that the decoder still holds. No more come in."""
        self._converter.close()
        await self._converter.over(FINISHES_WITHIN_S)
        self.rest()

    async def end(self) -> None:
        """Stop decoding."""
        await self._converter.end()

    def rest(self) -> None:
        """Hand on all waiting frames, whether or not the decoder still holds pictures."""
        self._on_the_way.clear()
        self.go_on()

    def go_on(self) -> None:
        """Hand on the frames whose turn it is."""
        if self._shown is None and not self._pictures:
            return
        now = self._clock()
        while self._on_the_way and now - self._on_the_way[0][1] > DECODED_WITHIN_S:
            self._on_the_way.popleft()
        while self._sound:
            stamp = self._sound[0].tag.timestamp_ms
            if stamp < self._floor_ms:
                self._sound.popleft()
                continue
            if self._on_the_way and self._on_the_way[0][0] <= stamp:
                break
            for picture in self._until(stamp):
                self._give(picture)
            self._give(self._sound.popleft())
        if not self._sound and not self._on_the_way and self._pictures:
            for picture in self._until(max(self._floor_ms, self._pictures[-1].tag.timestamp_ms)):
                self._give(picture)

    def _until(self, stamp: int) -> Iterator[Frame]:
        """Yield the pictures up to this time: new ones at their times, and the last one repeated in between."""
        while True:
            following = self._pictures[0].tag.timestamp_ms if self._pictures else None
            again = self._shown_at + REPEAT_MS if self._shown else None
            if again is not None and again <= stamp and (following is None or again < following):
                self._shown_at = again
            elif following is not None and max(following, self._floor_ms) <= stamp:
                self._shown = self._pictures.popleft()
                # a late picture is shown at once, and pictures keep their order
                self._shown_at = max(following, self._floor_ms, self._shown_at + 1)
            else:
                return
            assert self._shown is not None
            yield Frame(self._shown.tag._replace(timestamp_ms=self._shown_at), self._shown.info)

    def _hear(self, data: bytes) -> None:
        for tag in self._reader.feed(data):
            info = describe(tag)
            if info.role is Role.CONFIG:
                self.config = tag.payload
            elif info.role in (Role.KEYFRAME, Role.FRAME) and tag.kind == TagKind.VIDEO:
                shown = tag.timestamp_ms + self._base_ms
                while self._on_the_way and self._on_the_way[0][0] <= shown:
                    self._on_the_way.popleft()
                self._pictures.append(Frame(Tag(TagKind.VIDEO, shown, tag.payload, 0.0), info))
        self.go_on()

    def _gone(self) -> None:
        self.is_over = True
        self._on_the_way.clear()
        self.go_on()
