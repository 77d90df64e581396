"""The desk at which encoders ask to be let in. It knows all open streams and implements `ingest.Gate`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from media_worker.client import AppClient, AppUnreachable
from media_worker.contract import (
    Hello,
    OpenStream,
    PublishGranted,
    PublishRequest,
    Pulse,
    Refusal,
    RefusalCode,
    Way,
    Welcome,
)
from media_worker.disk import Disk
from media_worker.folder import UNSWEPT, StreamFolder
from media_worker.ingest import PublishRefused
from media_worker.pipeline import Pipeline
from media_worker.stream import TAKEN_OVER, Stream
from media_worker.take import adopt, wait_for_orphan

log = logging.getLogger(__name__)

PULSE_EVERY_S = 2.0
ASK_FOR_S = 6.0
"""Maximum wait of an encoder while the app restarts."""
ASK_AGAIN_S = 0.5
SWEEP_AFTER_S = 60.0
"""Delay between the end of a lesson and the sweep: players still fetch its last live segments."""
UNAVAILABLE = Refusal(RefusalCode.UNAVAILABLE, "The server is not ready; please try again in a moment.")
_STREAM_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Desk:
    """All open streams of this worker."""

    def __init__(self, *, media_root: Path, program: str, worker: str, app: AppClient, disk: Disk) -> None:
        self._root, self._program, self._worker, self._app, self._disk = media_root, program, worker, app, disk
        self.streams: dict[str, Stream] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._open = True
        self._asked_ms = 0
        self._adopting: asyncio.Task[None] | None = None
        self._greeted = asyncio.Event()

    async def start(self) -> None:
        """Send hello to the app, then pulses."""
        self._spawn(self._greet())
        self._spawn(self._pulse_forever())
        for mark in self._root.glob(f"*/{UNSWEPT}"):
            self._spawn(self._sweep(StreamFolder(mark.parent, self._disk), restored=False))

    async def stop(self) -> None:
        """Wait until every ffmpeg has finished and every index is written."""
        self._open = False
        await asyncio.gather(*(one.shut() for one in self.streams.values()))
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    # Gate

    async def admit(self, key: str, *, client: str, encoder: str, kick: Callable[[Refusal], None]) -> Pipeline:
        """Ask the app and open the pipeline. Raises PublishRefused."""
        return await self._admit(PublishRequest(key, self._worker, client, encoder), kick)

    async def admit_browser(
        self, ticket: str, *, sender: str, client: str, encoder: str, kick: Callable[[Refusal], None]
    ) -> Pipeline:
        """Ask the app, and open the pipeline or go on with the sender's own. Raises PublishRefused."""
        return await self._admit(PublishRequest(ticket, self._worker, client, encoder, Way.BROWSER, sender), kick)

    async def _admit(self, request: PublishRequest, kick: Callable[[Refusal], None]) -> Pipeline:
        granted = await self._ask(request)
        if not self._open:
            raise PublishRefused(UNAVAILABLE)
        try:
            stream = await self._stream(granted.stream)
        except OSError as error:
            log.error("%s: cannot be opened: %s", granted.stream, error)
            raise PublishRefused(UNAVAILABLE) from None
        if granted.run < stream.run:  # the answers came in another order than the app gave them
            raise PublishRefused(TAKEN_OVER)
        log.info("%s: run %d from %s (%s)", granted.stream, granted.run, request.client, request.encoder)
        before = stream.pipeline
        if before is not None and before.sender and before.sender == request.sender and before.go_on(granted.run, kick):
            stream.readmit(before, granted.rules)
            return before
        pipeline = Pipeline(
            program=self._program, folder=stream.folder, run=granted.run, encoder_delay_ms=granted.encoder_delay_ms,
            client=request.client, encoder=request.encoder, kick=kick, way=request.way, sender=request.sender,
            voices=stream.voices if request.way is Way.RTMP else None,
            news=lambda: stream.segment_published(pipeline.run), after=before.finished if before else None,
        )  # fmt: skip
        stream.attach(pipeline, granted.rules)
        return pipeline

    async def _ask(self, request: PublishRequest) -> PublishGranted:
        request = replace(request, asked_ms=self._next_moment())
        loop = asyncio.get_running_loop()
        until = loop.time() + ASK_FOR_S
        # hello first: the app counts every encoder of this worker as gone when hello arrives
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._greeted.wait(), ASK_FOR_S)
        while True:
            try:
                return await self._app.publish(request)
            except AppUnreachable as error:
                if loop.time() > until or not self._open:
                    log.warning("an encoder is turned away: %s", error)
                    raise PublishRefused(UNAVAILABLE) from None
            await asyncio.sleep(ASK_AGAIN_S)

    def _next_moment(self) -> int:
        """Return the Unix time in ms, later than every one before. The app orders requests by it."""
        self._asked_ms = max(self._asked_ms + 1, round(time.time() * 1000))
        return self._asked_ms

    # streams

    async def _stream(self, name: str) -> Stream:
        """Return the open stream with this name, if necessary taken up from disk."""
        if not _STREAM_NAME.fullmatch(name):
            raise OSError(f"{name!r} is no name for a folder")
        if name not in self.streams:
            await self._quiet(name)
        if name not in self.streams:
            stream = Stream(name, self._root, worker=self._worker, app=self._app, disk=self._disk)
            stream.forgotten = lambda: self._forget(stream)
            adopt_all(stream.folder)
            self.streams[name] = stream
            self._spawn(stream.converse())
        return self.streams[name]

    async def _quiet(self, name: str) -> None:
        """Wait until no ffmpeg of an earlier worker writes to the stream's folder."""
        work = self._root / name / "work"
        if work.is_dir():
            for folder in work.iterdir():
                await wait_for_orphan(folder)

    def _forget(self, stream: Stream) -> None:
        self.streams.pop(stream.name, None)
        stream.folder.release()
        if stream.folder.rules.ended:
            self._spawn(self._sweep(stream.folder))

    async def _sweep(self, folder: StreamFolder, *, restored: bool = True) -> None:
        """Delete what an ended lesson does not keep. A worker that stops early leaves the rest to the next one."""
        await asyncio.sleep(SWEEP_AFTER_S)
        if not restored:
            folder.restore()
        folder.sweep()

    async def _greet(self) -> None:
        hello = Hello(self._worker, self._next_moment())
        while True:
            try:
                welcome = await self._app.hello(hello)
                break
            except (AppUnreachable, PublishRefused):
                await asyncio.sleep(ASK_AGAIN_S)
        self._greeted.set()
        await self._take_up_all(welcome)

    async def _take_up_all(self, welcome: Welcome) -> None:
        for one in welcome.streams:
            await self._take_up(one)

    def _adopt(self, orphans: Welcome) -> None:
        """Take up streams of dead workers whose folders are here."""
        here = tuple(one for one in orphans.streams if self._is_here(one.stream))
        if here and (self._adopting is None or self._adopting.done()):
            self._adopting = self._spawn(self._take_up_all(Welcome(here)))

    def _is_here(self, name: str) -> bool:
        return bool(_STREAM_NAME.fullmatch(name)) and name not in self.streams and (self._root / name).is_dir()

    async def _take_up(self, open_stream: OpenStream) -> None:
        try:
            stream = await self._stream(open_stream.stream)
        except OSError as error:
            log.error("%s: cannot be taken up: %s", open_stream.stream, error)
            return
        if stream.pipeline is None:
            stream.folder.apply(open_stream.rules)

    async def _pulse_forever(self) -> None:
        while True:
            try:
                self._adopt(await self._app.pulse(Pulse(self._worker, self._disk.free, len(self.streams))))
            except (AppUnreachable, PublishRefused):
                pass
            except OSError as error:
                log.error("disk cannot be measured: %s", error)
            await asyncio.sleep(PULSE_EVERY_S)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a task of the desk failed", exc_info=error)


def adopt_all(folder: StreamFolder) -> None:
    """Publish the finished segments in the work folders of a stream."""
    for one in sorted(folder.work.iterdir()):
        run, _, take = one.name.partition("-")
        if run.isdigit() and take.isdigit():
            last = folder.last
            offset = last.start_ms - last.media_ms if last and last.take == int(take) else None
            adopt(one, int(run), int(take), offset, folder.publish)
