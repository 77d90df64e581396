"""Pictures that stand still: each is decoded and given back as one that stands alone, and shown until the next one.

Encoders of screens send nothing while nothing moves. Sound and recording need a picture every second all the same, and
a coded difference cannot be shown twice. So one ffmpeg decodes what comes and gives a keyframe for each picture; the
newest is repeated for as long as the sound goes on without another.
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
"""The picture is shown anew so often: segments are cut at pictures, one a second."""
FINISHES_WITHIN_S = 10.0
"""At the end pictures on their way are waited for so long."""
DECODED_WITHIN_S = 1.0
"""Sound waits so long for a picture on its way; a decoder that puts pictures in order keeps one or two for itself."""


class Projector:
    """One decoder from a keyframe on.

    Args:
        program: ffmpeg.
        container: what it is fed with.
        tracks: what the encoder has said about its picture.
        frames: pictures from a keyframe on.
        from_ms: what is given begins here (encoder's clock), with the picture that stands there.
        clock: any monotonic clock, s.
        give: takes frames, pictures and sound in the order of their times.
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
        """Description (FLV tag body) of the pictures that are given; None before the first."""
        self._clock, self._give = clock, give
        self._base_ms = frames[0].tag.timestamp_ms
        self._floor_ms = round(from_ms)
        self._from_ms = min(round(from_ms), max(one.shown_ms for one in frames)) - self._base_ms
        self._writer = MatroskaWriter() if container is Container.MATROSKA else FlvWriter(audio=False)
        self._reader = FlvReader()
        self._on_the_way: deque[tuple[int, float]] = deque()
        """Time of showing on the encoder's clock, and when it was given to the decoder."""
        self._pictures: deque[Frame] = deque()
        self._sound: deque[Frame] = deque()
        self._shown: Frame | None = None
        self._shown_at = -1
        self.is_over = False
        """The decoder has ended: no new picture comes, the last one stays."""
        self._converter = Converter(pictures_command(program, container, self._from_ms), self._hear, self._gone)
        config = tracks.video_config.payload if tracks.video_config else b""
        self._converter.feed(self._writer.head(tracks, config, b""))
        for one in frames:
            self.feed(one)

    @property
    def is_blind(self) -> bool:
        """Whether there will never be a picture."""
        return self.is_over and self._shown is None and not self._pictures

    @property
    def waits_for_ms(self) -> int | None:
        """Time of the earliest picture that the decoder has not given yet."""
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
        """No more pictures come: wait for those on their way."""
        self._converter.close()
        await self._converter.over(FINISHES_WITHIN_S)
        self.rest()

    async def end(self) -> None:
        """Stop decoding."""
        await self._converter.end()

    def rest(self) -> None:
        """Give what still waits, pictures on their way or not."""
        self._on_the_way.clear()
        self.go_on()

    def go_on(self) -> None:
        """Give the frames whose turn it is."""
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
        """Pictures to be shown up to this time: new ones at theirs, in between the last one again."""
        while True:
            following = self._pictures[0].tag.timestamp_ms if self._pictures else None
            again = self._shown_at + REPEAT_MS if self._shown else None
            if again is not None and again <= stamp and (following is None or again < following):
                self._shown_at = again
            elif following is not None and max(following, self._floor_ms) <= stamp:
                self._shown = self._pictures.popleft()
                # a picture that is late is shown at once, and none before another
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
