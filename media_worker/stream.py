"""One open stream: its folder, its present publisher, and its conversation with the app."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from media_worker.client import AppClient, AppUnreachable
from media_worker.contract import Beat, BeatAnswer, Ended, Newest, Refusal, RefusalCode, Rules, Started, Way
from media_worker.disk import Disk
from media_worker.folder import StreamFolder
from media_worker.ingest import PublishRefused
from media_worker.mixing import StageVoices
from media_worker.pipeline import Pipeline

log = logging.getLogger(__name__)

BEAT_EVERY_S = 1.0
HOLD_MS = 1000
"""Maximum time for which the app may hold a beat, so that new rules reach the worker at once."""
HEAR_OUT_S = 10.0
"""Maximum wait for a browser's last media: on a thin line it keeps that much (`KEEP_MS` in sender.js)."""
SILENT_S = 2.0
"""Silence of the browser after which that wait ends early."""
LISTEN_EVERY_S = 0.05
BACKOFF_S = (0.25, 0.5, 1.0, 2.0)
SESSION_OVER = Refusal(RefusalCode.SESSION_OVER, "The lesson is over.")
TAKEN_OVER = Refusal(RefusalCode.TAKEN_OVER, "A newer encoder is publishing with this key.")


class Stream:
    """A stream from its first publish, or the worker's start, until the app reports the end of the lesson."""

    def __init__(self, name: str, root: Path, *, worker: str, app: AppClient, disk: Disk) -> None:
        """Take the stream up from disk. Raises OSError if that fails, or if another process has claimed it."""
        self.name, self._worker, self._app, self._disk = name, worker, app, disk
        self.folder = StreamFolder(root / name, disk)
        self.folder.claim()
        self.folder.restore()
        self.run = 0
        self.pipeline: Pipeline | None = None
        self.voices = StageVoices()
        self._started: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.forgotten: Callable[[], None] = lambda: None

    # publishers

    def attach(self, pipeline: Pipeline, rules: Rules) -> None:
        """Let a new publisher in, and send the one before away."""
        before, self.pipeline, self.run = self.pipeline, pipeline, pipeline.run
        self.folder.apply(rules)
        if before is not None:
            before.kick(TAKEN_OVER)
            before.close("taken over")
        self._spawn(self._see_off(pipeline))

    def readmit(self, pipeline: Pipeline, rules: Rules) -> None:
        """Go on with the present publisher under a new run, now that its network line is back."""
        self.run = pipeline.run
        self.folder.apply(rules)

    # voices of the stage (`voice.Programme`)

    def say(self, piece: bytes, arrived_ms: float) -> None:
        """Take a piece of the voices of the stage, which arrived at this Unix time in ms."""
        self.voices.push(piece, arrived_ms, self.pipeline.encoder_delay_ms if self.pipeline else 0)

    @property
    def mixes(self) -> bool:
        """Whether the voices of the stage go into the lesson at present."""
        return self.pipeline is not None and self.pipeline.mixes

    async def _see_off(self, pipeline: Pipeline) -> None:
        """Wait for the end of a run and tell the app."""
        await pipeline.finished
        if self.pipeline is pipeline:
            self.pipeline = None
        if not self.folder.rules.ended:
            with contextlib.suppress(AppUnreachable, PublishRefused):
                await self._app.ended(self.name, self._ended(pipeline.run, pipeline.reason))

    def segment_published(self, run: int) -> None:
        """Report a run's first segment to the app at once. Later ones go with the beat."""
        if run not in self._started and self.folder.newest is not None:
            self._started.add(run)
            self._spawn(self._say_started(run, self.folder.newest))

    async def _say_started(self, run: int, newest: Newest) -> None:
        pipeline = self.pipeline
        if pipeline is None or pipeline.run != run:
            return
        message = Started(run, newest, pipeline.health(disk_low=self._disk.low))
        try:
            await self._app.started(self.name, message)
        except PublishRefused as refused:
            if run == self.run:  # otherwise a newer run has begun, and the refusal does not concern it
                self._stop(refused.refusal)
        except AppUnreachable:
            await asyncio.sleep(BEAT_EVERY_S)
            self._started.discard(run)

    def _stop(self, refusal: Refusal) -> None:
        """Send the publisher away."""
        if self.pipeline is not None:
            log.warning("%s: run %d is stopped: %s", self.name, self.pipeline.run, refusal.reason)
            self.pipeline.kick(refusal)
            self.pipeline.close(refusal.code)

    # the conversation

    async def converse(self) -> None:
        """Beat until the lesson has ended or the app does not know the stream any more."""
        failures = 0
        loop = asyncio.get_running_loop()
        while not self.folder.rules.ended:
            begun, version = loop.time(), self.folder.rules.version
            run = self.run
            try:
                answer = await self._app.beat(self.name, self._beat())
            except PublishRefused as refused:
                if run != self.run:
                    continue
                if self.pipeline is None:
                    log.warning("%s: the app does not know this stream: %s", self.name, refused.refusal.reason)
                    self.forgotten()
                    return
                # the run is stale, the stream is not: it still needs its rules
                self._stop(refused.refusal)
                await self._until_finished()
            except AppUnreachable as error:
                self.folder.hold_deletions = True
                log.log(logging.WARNING if failures == 0 else logging.DEBUG, "%s: %s", self.name, error)
                await asyncio.sleep(BACKOFF_S[min(failures, len(BACKOFF_S) - 1)])
                failures += 1
                continue
            failures, self.folder.hold_deletions = 0, False
            self._take_answer(answer)
            if self.folder.rules.version == version:
                await asyncio.sleep(max(0.0, begun + BEAT_EVERY_S - loop.time()))
        await self._end()

    def _take_answer(self, answer: BeatAnswer) -> None:
        if answer.rules is not None:
            self.folder.apply(answer.rules)
        else:
            self.folder.settle()

    def _beat(self) -> Beat:
        pipeline = self.pipeline
        return Beat(
            worker=self._worker,
            run=self.run,
            publishing=pipeline is not None and not pipeline.held,
            rules_version=self.folder.rules.version,
            hold_ms=HOLD_MS,
            newest=self.folder.newest,
            stuck=self.folder.stuck,
            health=pipeline.health(disk_low=self._disk.low) if pipeline else None,
            kept_ms=self.folder.kept_ms,
            kept_bytes=self.folder.kept_bytes,
        )

    def _ended(self, run: int, reason: str, *, finished: bool = False) -> Ended:
        return Ended(run, reason or "closed", finished, self.folder.kept_ms, self.folder.kept_bytes)

    async def _end(self) -> None:
        """Close everything and tell the app, with as many attempts as it takes."""
        air = self.folder.rules.air
        if self.pipeline is not None and air and air[-1].to_ms is not None:
            self.pipeline.end_at(air[-1].to_ms)
        await self._hear_out()
        self._stop(SESSION_OVER)
        await self._until_finished()
        while not self._close_playlists():  # noqa: ASYNC110 - space on a disk is no event
            await asyncio.sleep(BEAT_EVERY_S)
        for pause in (*BACKOFF_S, *[BACKOFF_S[-1]] * 1000):
            try:
                await self._app.ended(self.name, self._ended(self.run, "session over", finished=True))
                break
            except PublishRefused:
                break
            except AppUnreachable:
                await asyncio.sleep(pause)
        log.info("%s: finished, %d s recorded", self.name, self.folder.kept_ms // 1000)
        self.forgotten()

    async def _hear_out(self) -> None:
        """Wait for words that were said before the end and are still on their way: they belong to the lesson."""
        pipeline, air = self.pipeline, self.folder.rules.air
        if pipeline is None or pipeline.way is not Way.BROWSER or not air or air[-1].to_ms is None:
            return
        loop = asyncio.get_running_loop()
        now = news_s = loop.time()
        until, heard_ms = now + HEAR_OUT_S, pipeline.handed_ms
        while heard_ms < air[-1].to_ms and now < min(until, news_s + SILENT_S) and not pipeline.held:
            await asyncio.wait([pipeline.finished], timeout=LISTEN_EVERY_S)
            if pipeline.finished.done():
                return
            now = loop.time()
            if pipeline.handed_ms != heard_ms:
                heard_ms, news_s = pipeline.handed_ms, now

    def _close_playlists(self) -> bool:
        try:
            self.folder.end()
        except OSError as error:
            log.error("%s: playlists cannot be closed: %s", self.name, error)
            return False
        return True

    async def _until_finished(self) -> None:
        if self.pipeline is not None:
            await asyncio.wait([self.pipeline.finished])

    async def shut(self) -> None:
        """Let ffmpeg finish, and leave everything to the next worker."""
        if self.pipeline is not None:
            pipeline = self.pipeline
            pipeline.close("worker stopped")
            await asyncio.wait([pipeline.finished])
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1.0)
        self.folder.release()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
