"""A browser in name only. It speaks the websocket's protocol, with files of ffmpeg in place of a recorder."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import WSMsgType, web

from media_worker.browser.door import BrowserDoor
from media_worker.browser.limits import Limits
from media_worker.browser.wire import PATH, VERSION, Chunk, Flag, write_chunk
from media_worker.contract import LineHealth
from media_worker.matroska import element
from tests.media_worker.world import FFMPEG, H264, FakeApp, World, until, world

NO_FLAG = Flag(0)
H264_WEBM = ["-f", "matroska", "-live", "1", *H264]
VP8_WEBM = ["-f", "webm", "-live", "1", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-g", "25"]
MP4 = ["-f", "mp4", "-movflags", "frag_keyframe+empty_moov+default_base_moof", *H264]
OPUS = ["-c:a", "libopus", "-b:a", "64k"]
AAC = ["-c:a", "aac", "-b:a", "96k"]
PICTURE = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25"]
SOUND = ["-f", "lavfi", "-i", "sine=f=440:r=48000"]


def record(
    path: Path,
    kind: list[str],
    audio: list[str] = OPUS,
    *,
    seconds: float = 5,
    picture: bool = True,
    pictures_end_s: float | None = None,
) -> bytes:
    """Return the output of a recorder, made by ffmpeg."""
    ends = ["-t", str(pictures_end_s)] if pictures_end_s else []
    inputs = [*ends, *(PICTURE if picture else []), *SOUND]
    codec = kind if picture else kind[:4]
    subprocess.run([FFMPEG, "-v", "error", *inputs, "-t", str(seconds), *codec, *audio, "-y", str(path)], check=True)
    return path.read_bytes()


def cut(data: bytes, pieces: int) -> list[bytes]:
    """Return a file in pieces, cut anywhere, as recorders do."""
    size = -(-len(data) // pieces)
    return [data[at : at + size] for at in range(0, len(data), size)]


def block(track: int, ticks: int, data: bytes, *, keyframe: bool = True, flags: int = 0) -> bytes:
    """Return a SimpleBlock."""
    head = bytes([0x80 | track]) + ticks.to_bytes(2, "big", signed=True) + bytes([0x80 * keyframe | flags])
    return element(0xA3, head, data)


def tracks(*codecs: tuple[int, str], muxer: str = "") -> bytes:
    """Return a WebM header with tracks (type, codec), and the start of a cluster at 0. `muxer` is its author."""
    entries = [
        element(
            0xAE, element(0xD7, number.to_bytes(2, "big")), element(0x83, bytes([kind])), element(0x86, codec.encode())
        )
        for number, (kind, codec) in enumerate(codecs, 1)
    ]
    unknown = b"\x01" + b"\xff" * 7
    info = element(0x1549A966, element(0x4D80, muxer.encode())) if muxer else b""
    segment = bytes.fromhex("18538067") + unknown + info + element(0x1654AE6B, *entries)
    return element(0x1A45DFA3) + segment + bytes.fromhex("1f43b675") + unknown + element(0xE7, b"\0")


class Tab:
    """One connection of a page."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, *, clock_off_ms: float = 0.0) -> None:
        self.socket = socket
        self.clock_off_ms = clock_off_ms
        self.frames: list[dict[str, Any]] = []
        self.close_code: int | None = None
        self._listening = asyncio.get_running_loop().create_task(self._listen())

    def now(self) -> float:
        """The page's own clock."""
        return time.time() * 1000 + self.clock_off_ms

    async def hello(self, ticket: str = "t", sender: str = "tab-aaaaaaaa", **fields: object) -> None:
        frame = {"type": "hello", "version": VERSION, "ticket": ticket, "sender": sender, "mime": "video/webm"}
        await self.socket.send_json({**frame, **fields})

    async def welcome(self, **hello: Any) -> dict[str, Any]:
        """Send hello and wait to be let in."""
        await self.hello(**hello)
        await until(lambda: self.said("welcome") is not None or self.close_code is not None, "an answer to hello")
        found = self.said("welcome")
        assert found is not None, (self.close_code, self.frames)
        return found

    def said(self, kind: str) -> dict[str, Any] | None:
        """The newest frame of this type."""
        return next((one for one in reversed(self.frames) if one["type"] == kind), None)

    async def send(self, sequence: int, data: bytes, *, flags: Flag = NO_FLAG, ends_at_ms: float | None = None) -> None:
        moment = self.now() if ends_at_ms is None else ends_at_ms
        await self.socket.send_bytes(write_chunk(Chunk(sequence, flags, moment, data)))

    async def record(self, pieces: list[bytes], *, began_ms: float, each_ms: float, first: int = 1) -> None:
        """Send the pieces of a recorder at once. `began_ms` is on the page's clock."""
        for number, data in enumerate(pieces):
            flags = Flag.NEW_HEADER if first + number == 1 else NO_FLAG
            ends = began_ms + (first + number) * each_ms
            await self.send(first + number, data, flags=flags, ends_at_ms=ends)

    async def acknowledged(self, sequence: int) -> None:
        """Wait until the server has handled everything up to `sequence`."""

        def reached() -> bool:
            assert self.close_code is None, (self.close_code, self.frames)
            ack = self.said("ack")
            return ack is not None and ack["sequence"] >= sequence

        await until(reached, f"chunk {sequence} is acknowledged")

    async def closed(self) -> int:
        """Wait until the server has closed."""
        await until(lambda: self.close_code is not None, "the server closes")
        assert self.close_code is not None
        return self.close_code

    async def bye(self) -> None:
        await self.socket.send_json({"type": "bye"})
        await self.closed()

    def cut_line(self) -> None:
        """Break the line without a goodbye."""
        transport = self.socket._response.connection.transport  # type: ignore[union-attr]
        assert transport is not None
        transport.abort()

    async def _listen(self) -> None:
        try:
            async for message in self.socket:
                if message.type is not WSMsgType.TEXT:
                    break
                frame = message.json()
                heard = self.now()
                if frame["type"] == "clock":
                    await self.socket.send_json({"type": "clock", "t0": frame["t0"], "t1": heard, "t2": self.now()})
                self.frames.append(frame)
        finally:  # whatever the reason, no caller waits for more
            self.close_code = self.socket.close_code or 1006


class Browsers:
    """A worker with its door open, and its tabs."""

    def __init__(self, inner: World, door: BrowserDoor, url: str, session: aiohttp.ClientSession) -> None:
        self.world, self.door, self.url, self._session = inner, door, url, session

    async def tab(self, *, clock_off_ms: float = 0.0, **headers: str) -> Tab:
        """Open a websocket."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named.setdefault("User-Agent", "Mozilla/5.0 (X11) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36")
        socket = await self._session.ws_connect(self.url, headers=named, max_msg_size=0)
        return Tab(socket, clock_off_ms=clock_off_ms)


@asynccontextmanager
async def browsers(root: Path, app: FakeApp | None = None, **options: Any) -> AsyncIterator[Browsers]:
    """Open a desk with a door for browsers."""
    root.mkdir(exist_ok=True)  # noqa: ASYNC240 - once, in a test
    async with world(root, app) as inner, aiohttp.ClientSession() as session:
        limits = options.pop("limits", Limits())
        door = BrowserDoor(inner.desk, limits=limits, **options)
        site = web.Application()
        door.add_to(site)
        runner = web.AppRunner(site, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield Browsers(inner, door, f"ws://127.0.0.1:{runner.addresses[0][1]}{PATH}", session)
        finally:
            await door.stop()
            await runner.cleanup()


def lines_said(b: Browsers) -> list[LineHealth]:
    """Return the reports to the app about the line, in order."""
    return [one.health.line for one in b.world.app.beats if one.health and one.health.line]
