"""The only file that runs ffmpeg, through python-ffmpeg's asyncio API."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections import deque
from collections.abc import Callable

from ffmpeg import FFmpegError
from ffmpeg.asyncio import FFmpeg

from media_worker.commands import Command

log = logging.getLogger(__name__)

STDERR_LINES = 40
INFO = "[info]"
"""Mark of harmless lines (`-loglevel level+info`)."""
HIGH_WATER_BYTES = 2_000_000
"""Bytes waiting for ffmpeg above which the feeding side should pause."""
LOW_WATER_BYTES = 500_000


class _Feed(asyncio.StreamReader):
    """The stream that python-ffmpeg reads. It counts the bytes that wait in it."""

    def __init__(self) -> None:
        super().__init__(limit=HIGH_WATER_BYTES)
        self.waiting = 0
        self.welcome = asyncio.Event()
        self.welcome.set()

    def put(self, data: bytes) -> None:
        self.waiting += len(data)
        if self.waiting > HIGH_WATER_BYTES:
            self.welcome.clear()
        self.feed_data(data)

    async def read(self, n: int = -1) -> bytes:
        # python-ffmpeg asks for 8 KiB at a time; larger pieces spare a third of the loop's work
        chunk = await super().read(65536 if n > 0 else n)
        self.waiting -= len(chunk)
        if self.waiting < LOW_WATER_BYTES:
            self.welcome.set()
        return chunk


class Converter:
    """One ffmpeg from bytes to bytes, for media that come back. python-ffmpeg returns output only at the end.

    Args:
        command: reads `pipe:0` and writes `pipe:1`.
        hear: called with each piece of ffmpeg's output, but not after `end`.
        gone: called once when ffmpeg has ended.
    """

    def __init__(self, command: Command, hear: Callable[[bytes], None], gone: Callable[[], None]) -> None:
        self._command, self._hear, self._gone = command, hear, gone
        self._waiting: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._process: asyncio.subprocess.Process | None = None
        self._task = asyncio.get_running_loop().create_task(self._run())

    def feed(self, data: bytes) -> None:
        """Take bytes for ffmpeg's standard input. Never blocks."""
        self._waiting.put_nowait(data)

    def close(self) -> None:
        """End the input, so that ffmpeg writes what it has."""
        self._waiting.put_nowait(None)

    async def over(self, patience_s: float) -> None:
        """Wait until ffmpeg has ended, for `patience_s` at most."""
        await asyncio.wait([self._task], timeout=patience_s)

    async def end(self) -> None:
        """Stop ffmpeg at once and wait for it."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        feeding: asyncio.Task[None] | None = None
        try:
            self._process = process = await asyncio.create_subprocess_exec(
                *self._command.argv(), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
            )
            feeding = asyncio.get_running_loop().create_task(self._feed_all(process))
            assert process.stdout is not None
            while data := await process.stdout.read(65536):
                self._hear(data)
        except OSError as error:
            log.error("a converter cannot start: %s", error)
        finally:
            if feeding is not None:
                feeding.cancel()
            if self._process is not None:
                with contextlib.suppress(ProcessLookupError):
                    self._process.kill()
                await self._process.wait()
            self._gone()

    async def _feed_all(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        with contextlib.suppress(ConnectionError):
            while (data := await self._waiting.get()) is not None:
                process.stdin.write(data)
                await process.stdin.drain()
        process.stdin.close()


class Process:
    """One run of ffmpeg, fed through its standard input."""

    def __init__(self, command: Command) -> None:
        ffmpeg = FFmpeg(command.program)
        for name, value in command.options.items():
            ffmpeg.option(name, value)
        ffmpeg.input(command.source, dict(command.source_options))
        if command.second:
            ffmpeg.input(command.second, dict(command.second_options))
        ffmpeg.output(command.target, dict(command.target_options))
        ffmpeg.on("stderr", self._hear)
        self._ffmpeg = ffmpeg
        self._feed = _Feed()
        self._closing = False
        self._killed = False
        self._dead = False
        self._lines = 0
        self.stderr: deque[str] = deque(maxlen=STDERR_LINES)
        """The last lines of ffmpeg's log, warnings and worse."""
        self.spoke = asyncio.Event()
        """Set by every line of ffmpeg's log. The waiting side clears it."""
        self.clean = False
        """ffmpeg reached the end of its input and stopped by itself."""

    def _hear(self, line: str) -> None:
        self.spoke.set()
        self._lines += 1
        if INFO not in line:
            self.stderr.append(line[:500])

    @property
    def pid(self) -> int | None:
        """Process id. `None` before the start."""
        process = self._process()
        return process.pid if process else None

    def _process(self) -> asyncio.subprocess.Process | None:
        # python-ffmpeg does not publish the process, and we need its pid and its end
        return getattr(self._ffmpeg, "_process", None)

    @property
    def waiting_bytes(self) -> int:
        """Input that ffmpeg has not read yet."""
        return self._feed.waiting

    def feed(self, data: bytes) -> None:
        """Send bytes to ffmpeg's standard input. Never blocks."""
        if not self._closing and not self._dead:
            self._feed.put(data)

    async def welcome(self) -> None:
        """Wait until ffmpeg has read most of its input."""
        await self._feed.welcome.wait()

    async def run(self) -> None:
        """Run ffmpeg to its end, however it ends. `clean` and `stderr` then tell how."""
        execution = asyncio.ensure_future(self._ffmpeg.execute(self._feed))
        watch = asyncio.ensure_future(self._close_when_dead(execution))
        try:
            await execution
            self.clean = self._closing
        except (FFmpegError, OSError, UnicodeDecodeError) as error:
            # a killed ffmpeg shows as a broken pipe, or as FFmpegError with its last line
            self.stderr.append(f"{type(error).__name__}: {error}")
        finally:
            watch.cancel()
            self._dead = True
            self._feed.welcome.set()
            await self._reap()

    async def _close_when_dead(self, execution: asyncio.Future[bytes]) -> None:
        """Close the input when ffmpeg has died, because `execute` would wait for more."""
        while self._process() is None and not execution.done():  # noqa: ASYNC110 - python-ffmpeg gives no event
            await asyncio.sleep(0)
        process = self._process()
        if process is not None:
            if self._killed:
                self.kill()
            await process.wait()
            self._dead = True
            self._feed.feed_eof()

    async def _reap(self) -> None:
        process = self._process()
        if process is not None and process.returncode is None:
            self.kill()
            await process.wait()

    def close(self) -> None:
        """End the input, so that ffmpeg writes what it has and stops."""
        if not self._closing:
            self._closing = True
            self._feed.feed_eof()

    async def stop(self, done: asyncio.Future[None], patience_s: float = 5.0) -> None:
        """End the input, then send SIGTERM, then SIGKILL.

        Args:
            done: the task that runs `run`.
            patience_s: time without a sign of life before each of the signals. A busy machine may need far longer to
                write the last segments, and each of them is a sign of life.
        """
        self.close()
        for number in (None, signal.SIGTERM, signal.SIGKILL):
            if number is not None:
                log.warning("ffmpeg does not end by itself, so it is sent %s", number.name)
                self._signal(number)
            before: tuple[int, int] | None = None
            while (signs := (self._lines, self._feed.waiting)) != before:
                finished, _ = await asyncio.wait([done], timeout=patience_s)
                if finished:
                    return
                before = signs

    def kill(self) -> None:
        """Send SIGKILL, at once or as soon as there is a process."""
        self._killed = True
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        process = self._process()
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(number)
