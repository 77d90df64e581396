"""One sender's media, across its connections: chunks in, tags out, nothing twice and no gap unnoticed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from media_worker.browser.clock import PeerClock
from media_worker.browser.container import ContainerError, MediaFrame, Reader, Track
from media_worker.browser.frames import MAGIC, FrameReader
from media_worker.browser.mp4 import Mp4Reader
from media_worker.browser.tags import TagMaker
from media_worker.browser.webm import WebmReader
from media_worker.browser.wire import Chunk, Flag
from media_worker.contract import LineHealth
from media_worker.ingest import BrowserPublication, Tag, TagKind


class Intake:
    """Outlives a broken connection for a while, so that the sender can come back and go on with the next chunk."""

    def __init__(self, publication: BrowserPublication) -> None:
        self.publication = publication
        self.clock = PeerClock()
        self.last: int | None = None
        """Number of the last chunk that was taken in."""
        self.lost = 0
        """Chunks that never came."""
        self.connection: asyncio.Task[None] | None = None
        self.on_close: Callable[[], object] = lambda: None
        self._reader: Reader | None = None
        self._maker = TagMaker()
        self._picture: Track | None = None
        self._described_only = False
        self._behind_ms = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    # connections

    async def take_over(self) -> None:
        """End the connection before this one, if it still believes that it is alive."""
        self._stop_waiting()
        before, self.connection = self.connection, asyncio.current_task()
        if before is not None and not before.done():
            before.cancel()
            await asyncio.wait([before])

    def hold(self, hold_s: float) -> None:
        """Wait `hold_s` for the sender, whose network line is broken."""
        if not self._closed:
            self.publication.hold()
            self.publication.kick = lambda refusal: self.close(str(refusal.code))
            self._stop_waiting()
            self._timer = asyncio.get_running_loop().call_later(hold_s, self.close, "the line broke")

    def close(self, reason: str) -> None:
        """End the publication."""
        self._stop_waiting()
        if not self._closed:
            self._closed = True
            self.publication.close(reason)
            self.on_close()

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # media

    def tags(self, chunk: Chunk, arrived_ms: float) -> Iterator[Tag]:
        """Yield the tags of a chunk, lazily. A repeated chunk has none. Raises ContainerError."""
        if self.last is not None and chunk.sequence <= self.last:
            return
        self._place(chunk)
        reader = self._reader
        if reader is None:
            raise ContainerError("chunk.no_header", "the first chunk must be a recorder's first")
        handed_ms = self.clock.here(chunk.ends_at_ms, arrived_ms)
        self._behind_ms = arrived_ms - handed_ms
        self._say_line()
        reader.feed(chunk.payload)
        for frame in reader.frames():
            if Flag.HEADER_ONLY not in chunk.flags:
                self._see(frame.track)
                yield from self._maker.tags(frame, arrived_ms, self._captured(frame, arrived_ms, handed_ms))
        if Flag.HEADER_ONLY in chunk.flags:
            reader.resync()

    def _captured(self, frame: MediaFrame, arrived_ms: float, handed_ms: float) -> float:
        """Return the Unix ms at which the recorder handed the frame over. The pipeline subtracts a recorder's delay.

        A frame that carries its moment of capture has no such delay, so the delay is added here.
        """
        if frame.captured_ms is None:
            return handed_ms
        return self.clock.here(frame.captured_ms, arrived_ms) + self.publication.encoder_delay_ms

    def _see(self, track: Track) -> None:
        """Mark a seam if size or codec of the picture have changed. H.264 announces that by its new description."""
        if track.kind != TagKind.VIDEO or track is self._picture:
            return
        before, self._picture = self._picture, track
        if before is not None and before != track and track.codec != "h264":
            self.publication.seam(new_clock=False)
            self._maker = TagMaker()

    def _place(self, chunk: Chunk) -> None:
        """Mark a seam if the chunk does not continue the last one."""
        last, self.last = self.last, chunk.sequence
        follows = last is not None and chunk.sequence == last + 1
        if last is not None and not follows and not self._described_only:
            self.lost += chunk.sequence - last - 1
        goes_on = isinstance(self._reader, FrameReader) and chunk.payload.startswith(MAGIC)
        if Flag.NEW_HEADER in chunk.flags and not goes_on:
            if self._reader is not None:
                self.publication.seam(new_clock=True)
            self._reader, self._maker, self._picture = reader_for(chunk.payload), TagMaker(), None
        elif self._reader is not None and not follows and not self._described_only:
            self._reader.resync()
            self.publication.seam(new_clock=False)
        self._described_only = Flag.HEADER_ONLY in chunk.flags

    def _say_line(self) -> None:
        self.publication.line = LineHealth(round(self.clock.rtt_ms), round(self._behind_ms), self.lost)


def reader_for(first: bytes) -> Reader:
    """Return a reader of a recorder's output, by its first bytes."""
    if first.startswith(MAGIC):
        return FrameReader()
    return Mp4Reader() if first[4:8] == b"ftyp" else WebmReader()


def frames_of(data: bytes) -> Iterator[MediaFrame]:
    """Yield the frames of a whole file. Raises ContainerError."""
    reader = reader_for(data)
    reader.feed(data)
    yield from reader.frames()
