"""One sender's media, across its connections: chunks in, tags out, nothing twice and no hole unnoticed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from media_worker.browser.clock import PeerClock
from media_worker.browser.container import ContainerError, MediaFrame, Reader
from media_worker.browser.mp4 import Mp4Reader
from media_worker.browser.tags import TagMaker
from media_worker.browser.webm import WebmReader
from media_worker.browser.wire import Chunk, Flag
from media_worker.contract import LineHealth
from media_worker.ingest import BrowserPublication, Tag


class Intake:
    """Outlives a broken connection for a while: the sender comes back and goes on with the next chunk."""

    def __init__(self, publication: BrowserPublication) -> None:
        self.publication = publication
        self.clock = PeerClock()
        self.last: int | None = None
        """Number of the last chunk taken in."""
        self.lost = 0
        """Chunks that never came."""
        self.connection: asyncio.Task[None] | None = None
        self.on_close: Callable[[], object] = lambda: None
        self._reader: Reader | None = None
        self._maker = TagMaker()
        self._described_only = False
        self._behind_ms = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    # connections

    async def take_over(self) -> None:
        """End the connection before this one, if it still believes that it lives."""
        self._stop_waiting()
        before, self.connection = self.connection, asyncio.current_task()
        if before is not None and not before.done():
            before.cancel()
            await asyncio.wait([before])

    def hold(self, hold_s: float) -> None:
        """The line is broken: wait for the sender, as long as it is worth while."""
        if not self._closed:
            self.publication.hold()
            self.publication.kick = lambda refusal: self.close(str(refusal.code))
            self._stop_waiting()
            self._timer = asyncio.get_running_loop().call_later(hold_s, self.close, "the line broke")

    def close(self, reason: str) -> None:
        """No more media."""
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
        """Give the tags of a chunk, lazily; none for one that was here before. Raises ContainerError."""
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
                yield from self._maker.tags(frame, arrived_ms, handed_ms)
        if Flag.HEADER_ONLY in chunk.flags:
            reader.resync()

    def _place(self, chunk: Chunk) -> None:
        """See whether the chunk continues what was: if not, the media have a seam here."""
        last, self.last = self.last, chunk.sequence
        follows = last is not None and chunk.sequence == last + 1
        if last is not None and not follows and not self._described_only:
            self.lost += chunk.sequence - last - 1
        if Flag.NEW_HEADER in chunk.flags:
            if self._reader is not None:
                self.publication.seam(new_clock=True)
            self._reader, self._maker = reader_for(chunk.payload), TagMaker()
        elif self._reader is not None and not follows and not self._described_only:
            self._reader.resync()
            self.publication.seam(new_clock=False)
        self._described_only = Flag.HEADER_ONLY in chunk.flags

    def _say_line(self) -> None:
        self.publication.line = LineHealth(round(self.clock.rtt_ms), round(self._behind_ms), self.lost)


def reader_for(first: bytes) -> Reader:
    """Give what reads a recorder's output, by its first bytes."""
    return Mp4Reader() if first[4:8] == b"ftyp" else WebmReader()


def frames_of(data: bytes) -> Iterator[MediaFrame]:
    """The frames of a whole file. Raises ContainerError."""
    reader = reader_for(data)
    reader.feed(data)
    yield from reader.frames()
