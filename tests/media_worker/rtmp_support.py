"""A gate with set answers, a server in the test's own loop, and a peer that speaks RTMP as badly as wanted."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from media_worker.contract import Refusal, RefusalCode
from media_worker.ingest import PublishRefused, Tag
from media_worker.rtmp import Limits, RtmpServer, amf
from media_worker.rtmp.chunks import ChunkReader, Message, MessageType, encode_message

PATIENCE_S = 30
"""Maximum wait of a test for an event that must come."""


def ffmpeg() -> str:
    if path := os.environ.get("FFMPEG"):
        return path
    import imageio_ffmpeg

    return str(imageio_ffmpeg.get_ffmpeg_exe())


class Shelf:
    """A publication that keeps its tags."""

    def __init__(self) -> None:
        self.tags: list[Tag] = []
        self.closed: list[str] = []
        self.drained = 0
        self.room = asyncio.Event()
        self.room.set()

    def offer(self, tag: Tag) -> None:
        self.tags.append(tag)

    def rest_s(self) -> float:
        return 0.0

    async def drain(self) -> None:
        self.drained += 1
        await self.room.wait()

    def close(self, reason: str) -> None:
        self.closed.append(reason)


@dataclass
class FakeGate:
    """Lets in every key except those in `refusals`. `hold` keeps everybody waiting."""

    refusals: dict[str, Refusal] = field(default_factory=dict)
    hold: asyncio.Event | None = None
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    kicks: list[Callable[[Refusal], None]] = field(default_factory=list)
    shelves: list[Shelf] = field(default_factory=list)
    shelf: Callable[[], Shelf] = Shelf

    async def admit(self, key: str, *, client: str, encoder: str, kick: Callable[[Refusal], None]) -> Shelf:
        self.asked.append((key, client, encoder))
        self.kicks.append(kick)
        if self.hold is not None:
            await self.hold.wait()
        if key in self.refusals:
            raise PublishRefused(self.refusals[key])
        self.shelves.append(self.shelf())
        return self.shelves[-1]


WRONG_KEY = Refusal(RefusalCode.WRONG_KEY, "没有这个推流密钥 There is no such key")


class Journal(logging.Handler):
    """The server's log lines."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())

    @property
    def endings(self) -> list[str]:
        return [line for line in self.lines if line.startswith("rtmp closed")]


@dataclass
class House:
    """A running server with its gate and its log."""

    server: RtmpServer
    gate: FakeGate
    journal: Journal
    trouble: list[dict[str, Any]]
    """Errors that reached the loop's exception handler."""

    async def endings(self, count: int = 1) -> list[str]:
        """Wait until `count` connections have ended, and none is left."""
        await until(lambda: len(self.journal.endings) >= count and self.server.connections == 0)
        return self.journal.endings

    def url(self, rest: str) -> str:
        return f"rtmp://127.0.0.1:{self.server.port}/{rest}"


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - there is no event
            await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def running(limits: Limits | None = None, gate: FakeGate | None = None) -> AsyncIterator[House]:
    journal, trouble = Journal(), list[dict[str, Any]]()
    logger = logging.getLogger("media_worker.rtmp")
    logger.addHandler(journal)
    logger.setLevel(logging.INFO)
    asyncio.get_running_loop().set_exception_handler(lambda _, context: trouble.append(context))
    gate = gate or FakeGate()
    house = House(RtmpServer(gate, host="127.0.0.1", port=0, limits=limits or Limits()), gate, journal, trouble)
    await house.server.start()
    try:
        yield house
    finally:
        await house.server.stop()
        logger.removeHandler(journal)
    assert trouble == []


CONNECT = amf.encode(
    "connect", 1, {"app": "live", "type": "nonprivate", "flashVer": "FMLE/3.0", "tcUrl": "rtmp://x/live"}
)


def publish_command(key: str) -> bytes:
    return amf.encode("publish", 5, None, key, "live")


def chunked(kind: int, payload: bytes, *, stream: int = 1, timestamp_ms: int = 0, chunk_id: int = 4) -> bytes:
    """Return a message in chunks of 128 bytes."""
    return encode_message(Message(kind, timestamp_ms, stream, payload), chunk_id=chunk_id)


class Peer:
    """A client. Every method waits with a deadline."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self._chunks = ChunkReader(max_message=1 << 20, max_partial=1 << 20, max_streams=64)

    async def write(self, data: bytes) -> None:
        """Send, as far as the server still listens."""
        self.writer.write(data)
        with contextlib.suppress(ConnectionError):
            await self.writer.drain()

    async def shake_hands(self) -> None:
        await self.write(b"\x03" + bytes(1536))
        async with asyncio.timeout(PATIENCE_S):
            answer = await self.reader.readexactly(1 + 2 * 1536)
        assert answer[0] == 3
        assert answer[5:9] == bytes(4)
        await self.write(answer[1:1537])

    async def command(self, payload: bytes, *, stream: int = 0, kind: int = MessageType.COMMAND_AMF0) -> None:
        await self.write(chunked(kind, payload, stream=stream, chunk_id=3))

    async def message(self) -> Message | None:
        """Return the next message, or None if the server has closed."""
        async with asyncio.timeout(PATIENCE_S):
            while (message := self._chunks.next()) is None:
                try:
                    data = await self.reader.read(65536)
                except ConnectionError:
                    return None
                if not data:
                    return None
                self._chunks.feed(data)
        return message

    async def answer(self) -> tuple[str, dict[str, Any]]:
        """Return the next command's name and its last argument. An empty name means that the server has closed."""
        while (message := await self.message()) is not None:
            if message.type == MessageType.COMMAND_AMF0:
                values: list[Any] = amf.decode(message.payload)
                return values[0], values[-1] if isinstance(values[-1], dict) else {}
        return "", {}

    async def until_type(self, kind: int) -> Message:
        while (message := await self.message()) is not None:
            if message.type == kind:
                return message
        raise AssertionError(f"closed before a message of type {kind}")

    async def gone(self) -> None:
        """Wait until the server has closed."""
        async with asyncio.timeout(PATIENCE_S):
            with contextlib.suppress(ConnectionError):
                while await self.reader.read(65536):
                    pass

    async def publish(self, key: str = "key") -> dict[str, Any]:
        """Go all the way to publishing. Return the info object of its answer."""
        await self.shake_hands()
        await self.command(CONNECT)
        name, info = await self.answer()
        assert (name, info["code"]) == ("_result", "NetConnection.Connect.Success")
        await self.command(amf.encode("createStream", 2, None))
        assert (await self.answer())[0] == "_result"
        await self.command(publish_command(key), stream=1)
        name, info = await self.answer()
        assert name == "onStatus"
        return info


@contextlib.asynccontextmanager
async def peer(house: House) -> AsyncIterator[Peer]:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.server.port)
    try:
        yield Peer(reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
