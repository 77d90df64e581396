"""The worker as a process of its own: a real encoder by RTMP, signals, and what is on disk afterwards."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp

from media_worker.__main__ import HEADERS_S
from media_worker.contract import OpenStream
from media_worker.index import Index
from tests.media_worker.world import FFMPEG, SECRET, FakeApp, make_flv, play, until
from tests.ports import free_port

ROOT = Path(__file__).parents[2]


IMPATIENT = """
import sys
from media_worker import watchdog
from media_worker.__main__ import main
from media_worker.rtmp.server import RtmpServer
watchdog.SILENT_S = 1.5
object.__setattr__(RtmpServer.__init__.__kwdefaults__["limits"], "idle_s", 2.0)
sys.exit(main())
"""
"""A worker that sends silent encoders away so soon that a test can wait for it."""


class Worker:
    """Starts and stops `python -m media_worker`."""

    def __init__(self, app: FakeApp, root: Path) -> None:
        self.rtmp, self.http = free_port(), free_port()
        self.env = {
            **os.environ,
            "RTMP_PORT": str(self.rtmp),
            "INGEST_PORT": str(self.http),
            "APP_URL": app.url,
            "WORKER_SECRET": SECRET,
            "MEDIA_ROOT": str(root),
        }
        self.process: asyncio.subprocess.Process | None = None

    async def start(self, *, impatient: bool = False) -> None:
        how = ("-c", IMPATIENT) if impatient else ("-m", "media_worker")
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, *how, env=self.env, cwd=ROOT, stderr=asyncio.subprocess.DEVNULL
        )
        async with aiohttp.ClientSession() as session:
            for _ in range(500):
                try:
                    async with session.get(f"http://127.0.0.1:{self.http}/healthz") as answer:
                        assert (await answer.json())["ok"]
                        return
                except aiohttp.ClientError:
                    await asyncio.sleep(0.02)
        raise AssertionError("the worker does not answer")

    async def signal(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return await self.process.wait()

    async def encoder(self, path: Path, *, rate: float) -> asyncio.subprocess.Process:
        address = f"rtmp://127.0.0.1:{self.rtmp}/live/key"
        return await asyncio.create_subprocess_exec(
            *(FFMPEG, "-v", "quiet", "-readrate", str(rate), "-i", str(path), "-c", "copy", "-f", "flv", address)
        )


@asynccontextmanager
async def running(root: Path, *, impatient: bool = False) -> AsyncIterator[tuple[Worker, FakeApp]]:
    async with FakeApp().serve() as app:
        worker = Worker(app, root)
        await worker.start(impatient=impatient)
        try:
            yield worker, app
        finally:
            if worker.process is not None and worker.process.returncode is None:
                await worker.signal(signal.SIGKILL)


def listed(root: Path, count: int) -> Callable[[], bool]:
    path = root / "s1" / "full" / "source.m3u8"
    return lambda: path.exists() and path.read_text().count("#EXTINF") >= count


async def test_sigterm_lets_ffmpeg_finish_and_exits_with_zero(tmp_path: Path):
    source = tmp_path / "a.flv"
    make_flv(source, seconds=20)
    root = tmp_path / "media"
    async with running(root) as (worker, app):
        encoder = await worker.encoder(source, rate=4)
        await until(listed(root, 4), "four segments")
        assert await worker.signal(signal.SIGTERM) == 0
        await encoder.wait()
        assert not app.ended[-1].finished
    assert not list((root / "s1" / "work").iterdir())
    assert play(root / "s1").errors == ""


async def test_kill_9_in_mid_lesson_loses_no_more_than_two_seconds(tmp_path: Path):
    source = tmp_path / "a.flv"
    make_flv(source, seconds=30)
    root = tmp_path / "media"
    async with running(root) as (worker, app):
        encoder = await worker.encoder(source, rate=1)
        await until(listed(root, 3), "three segments")
        before = (root / "s1" / "full" / "source.m3u8").read_text()
        killed_ms = time.time() * 1000
        await worker.signal(signal.SIGKILL)
        await encoder.wait()
        app.open = (OpenStream("s1", app.runs, app.rules),)
        await worker.start()
        encoder = await worker.encoder(source, rate=1)
        await until(listed(root, before.count("#EXTINF") + 2), "segments of the second run")
        app.set_rules(replace(app.rules, ended=True))
        await until(lambda: any(one.finished for one in app.ended), "the lesson is finished")
        await encoder.wait()
        assert await worker.signal(signal.SIGTERM) == 0
    assert killed_ms - max(one.end_ms for one in Index(root / "s1").read() if one.run == 1) < 2000
    played = play(root / "s1")
    assert played.errors == ""
    assert played.text.startswith(before)
    assert played.seams == 1
    assert played.dates == sorted(set(played.dates))
    assert played.text.endswith("#EXT-X-ENDLIST\n")
    assert play(root / "s1", "audio.m3u8").errors == ""


async def test_half_a_request_does_not_hold_the_door(tmp_path: Path) -> None:
    """The headers of the first request count too: nothing else has begun then that could end it."""
    async with FakeApp().serve() as app:
        worker = Worker(app, tmp_path)
        await worker.start()
        lines = [await asyncio.open_connection("127.0.0.1", worker.http) for _ in range(20)]
        for _reader, writer in lines:
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Half")
        async with asyncio.timeout(HEADERS_S + 5):
            for reader, writer in lines:
                await reader.read()
                writer.close()
        assert await worker.signal(signal.SIGTERM) == 0


async def test_a_worker_that_was_frozen_does_not_take_its_encoder_for_silent(tmp_path: Path):
    """As when its virtual machine is moved; what the encoder sent meanwhile waits in the socket."""
    source = tmp_path / "a.flv"
    make_flv(source, seconds=12)
    root = tmp_path / "media"
    async with running(root, impatient=True) as (worker, app):
        assert worker.process is not None
        encoder = await worker.encoder(source, rate=1)
        await until(listed(root, 3), "three segments")
        worker.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(4)  # it is the passing of time that must do no harm
        worker.process.send_signal(signal.SIGCONT)
        await encoder.wait()
        await until(lambda: bool(app.ended), "the encoder has finished")
        app.set_rules(replace(app.rules, ended=True))
        await until(lambda: app.ended[-1].finished, "the lesson is finished")
        assert await worker.signal(signal.SIGTERM) == 0
    assert app.runs == 1
    played = play(root / "s1")
    assert (played.errors, played.seams) == ("", 0)
    assert abs(played.seconds - 12) < 0.2


async def test_an_encoder_that_falls_silent_is_still_sent_away(tmp_path: Path):
    source = tmp_path / "a.flv"
    make_flv(source, seconds=12)
    root = tmp_path / "media"
    async with running(root, impatient=True) as (worker, app):
        encoder = await worker.encoder(source, rate=1)
        await until(listed(root, 2), "two segments")
        encoder.send_signal(signal.SIGSTOP)
        await until(lambda: bool(app.ended), "the silent encoder is sent away")
        encoder.kill()
        await encoder.wait()
