"""A page that sends, without a browser: H.264 and Opus from a file, in pieces like those of Chrome's recorder.

python -m tests.bench.page_sender FILE URL TICKET SENDER
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp

from media_worker.browser.container import MediaFrame
from media_worker.browser.intake import frames_of
from media_worker.browser.wire import VERSION, Chunk, Flag, write_chunk
from media_worker.ingest import TagKind
from media_worker.matroska import element

EACH_MS = 250
UNKNOWN = b"\x01" + b"\xff" * 7
CLUSTER = bytes.fromhex("1f43b675") + UNKNOWN


def chunks_of(file: Path) -> Iterator[bytes]:
    """Yield a Matroska file as Chrome would have recorded it: start codes, parameter sets among the pictures, no
    description of them, a cluster for each piece."""
    frames = list(frames_of(file.read_bytes()))
    at, data = 0, _header()
    while at < len(frames):
        begin = frames[at].timestamp_ms
        data += CLUSTER + element(0xE7, round(begin).to_bytes(8, "big"))
        while at < len(frames) and frames[at].timestamp_ms < begin + EACH_MS:
            data += _block(frames[at], round(frames[at].timestamp_ms - begin))
            at += 1
        yield data
        data = b""


def _header() -> bytes:
    picture = element(0xAE, element(0xD7, b"\1"), element(0x83, b"\1"), element(0x86, b"V_MPEG4/ISO/AVC"))
    sound = element(0xAE, element(0xD7, b"\2"), element(0x83, b"\2"), element(0x86, b"A_OPUS"))
    return element(0x1A45DFA3) + bytes.fromhex("18538067") + UNKNOWN + element(0x1654AE6B, picture, sound)


def _block(frame: MediaFrame, ticks: int) -> bytes:
    is_picture = frame.track.kind == TagKind.VIDEO
    data = _with_start_codes(frame) if is_picture else frame.data
    head = bytes([0x81 if is_picture else 0x82]) + ticks.to_bytes(2, "big", signed=True)
    return element(0xA3, head + bytes([0x80 * frame.keyframe]), data)


def _with_start_codes(frame: MediaFrame) -> bytes:
    parts, at = [_parameter_sets(frame.track.config)] if frame.keyframe else [], 0
    while at + 4 <= len(frame.data):
        size = int.from_bytes(frame.data[at : at + 4], "big")
        parts.append(b"\0\0\0\1" + frame.data[at + 4 : at + 4 + size])
        at += 4 + size
    return b"".join(parts)


def _parameter_sets(avcc: bytes) -> bytes:
    sps = int.from_bytes(avcc[6:8], "big")
    pps = int.from_bytes(avcc[9 + sps : 11 + sps], "big")
    return b"\0\0\0\1" + avcc[8 : 8 + sps] + b"\0\0\0\1" + avcc[11 + sps : 11 + sps + pps]


async def send(file: Path, url: str, ticket: str, sender: str) -> None:
    """Send a file in real time."""
    async with aiohttp.ClientSession() as session, session.ws_connect(url, max_msg_size=0) as socket:
        hello = {"type": "hello", "version": VERSION, "ticket": ticket, "sender": sender, "mime": "video/webm"}
        await socket.send_json(hello)
        welcomed = asyncio.Event()
        listening = asyncio.create_task(_listen(socket, welcomed))
        await asyncio.wait_for(welcomed.wait(), 10)
        began = time.monotonic()
        for number, data in enumerate(chunks_of(file), 1):
            await asyncio.sleep(max(0.0, began + number * EACH_MS / 1000 - time.monotonic()))
            flags = Flag.NEW_HEADER if number == 1 else Flag(0)
            await socket.send_bytes(write_chunk(Chunk(number, flags, time.time() * 1000, data)))
        await socket.send_json({"type": "bye"})
        await asyncio.wait_for(listening, 10)


async def _listen(socket: aiohttp.ClientWebSocketResponse, welcomed: asyncio.Event) -> None:
    async for message in socket:
        frame = message.json()
        now = time.time() * 1000
        if frame["type"] == "clock":
            await socket.send_json({"type": "clock", "t0": frame["t0"], "t1": now, "t2": now})
        elif frame["type"] == "welcome":
            welcomed.set()
        elif frame["type"] == "refused":
            raise SystemExit(f"refused: {frame}")


if __name__ == "__main__":
    asyncio.run(send(Path(sys.argv[1]), *sys.argv[2:]))
