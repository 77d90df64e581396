"""Whatever a peer sends: no unhandled exception, one closing line, bounded memory, and the next publisher is served.

The captures are bent versions of what a real ffmpeg said to this server a moment before.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import subprocess
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media_worker import flv
from media_worker.ingest import TagKind
from media_worker.rtmp import Limits, amf
from media_worker.rtmp.chunks import MessageType
from tests.media_worker.rtmp_support import (
    CONNECT,
    FakeGate,
    Shelf,
    chunked,
    ffmpeg,
    peer,
    publish_command,
    running,
    until,
)
from tests.media_worker.test_amf import values

HANDSHAKE = b"\x03" + bytes(1536) + bytes(1536)
LIMITS = Limits(linger_s=0.5, tick_s=0.05, message=1 << 20, partial=2 << 20)
GROWTH = 2 << 20
"""Bytes that all examples together may leave behind; most are examples that hypothesis keeps, cut by our encoder."""
PEAK = 12 << 20
"""Bytes that may be in use at any moment: what one connection's limits add up to, and hypothesis's own."""


class Counter(Shelf):
    """A publication that keeps nothing."""

    def offer(self, tag):
        assert tag.payload


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    """Return the bytes of ffmpeg for a second of picture and sound, from C0 to the last."""
    log = tmp_path_factory.mktemp("capture")
    picture = ["-f", "lavfi", "-i", "testsrc2=size=96x64:rate=10:duration=1"]
    sound = ["-f", "lavfi", "-i", "sine=frequency=440:duration=1"]
    coding = [
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv420p",
        "-c:a",
        "aac",
        "-b:a",
        "32k",
        "-f",
        "flv",
    ]

    async def record():
        heard = bytearray()
        async with running() as house:

            async def pump(reader, writer, copy=None):
                with contextlib.suppress(ConnectionError):
                    while data := await reader.read(65536):
                        if copy is not None:
                            copy += data
                        writer.write(data)
                writer.close()

            async def relay(reader, writer):
                up_reader, up_writer = await asyncio.open_connection("127.0.0.1", house.server.port)
                await asyncio.gather(pump(reader, up_writer, heard), pump(up_reader, writer))

            proxy = await asyncio.start_server(relay, "127.0.0.1", 0)
            url = f"rtmp://127.0.0.1:{proxy.sockets[0].getsockname()[1]}/live/key"
            command = [ffmpeg(), "-loglevel", "error", *picture, *sound, *coding, url]
            with (log / "ffmpeg").open("wb") as said:
                process = await asyncio.create_subprocess_exec(*command, stdin=subprocess.DEVNULL, stderr=said)
                assert await process.wait() == 0
            await house.endings()
            proxy.close()
        return bytes(heard)

    data = asyncio.run(record())
    assert data[0] == 3
    assert len(data) > 10_000
    return data


class Range:
    """A server that is fed one example after the other, each on a connection of its own."""

    def __init__(self, house, loop):
        self.house, self.loop = house, loop

    def shoot(self, data, pieces):
        self.loop.run_until_complete(asyncio.wait_for(self._shoot(data, pieces), 10))

    async def _shoot(self, data, pieces):
        journal, before = self.house.journal, len(self.house.journal.endings)
        async with peer(self.house) as client:
            at = turn = 0
            while at < len(data) and len(journal.endings) == before:
                size = pieces[turn % len(pieces)]
                await client.write(data[at : at + size])
                at, turn = at + size, turn + 1
            with contextlib.suppress(ConnectionError, OSError):
                client.writer.write_eof()
            await client.gone()
        await until(lambda: self.house.server.connections == 0)
        assert len(journal.endings) == before + 1
        assert self.house.trouble == []
        assert all(len(shelf.closed) == 1 for shelf in self.house.gate.shelves)
        self.house.gate.shelves.clear()
        self.house.gate.asked.clear()
        del journal.lines[:]


@pytest.fixture
def shooting():
    """Yield a Range. Afterwards memory is checked, and a good publisher must be served."""
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        running_house = running(LIMITS, FakeGate(shelf=Counter))
        house = loop.run_until_complete(running_house.__aenter__())
        aim = Range(house, loop)
        aim.shoot(HANDSHAKE, [100])
        tracemalloc.start()
        try:
            start, _ = tracemalloc.get_traced_memory()
            yield aim
            _, peak = tracemalloc.get_traced_memory()
            server_side = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, "*/media_worker/rtmp/*")])
        finally:
            tracemalloc.stop()
        left = sum(entry.size for entry in server_side.statistics("filename"))
        assert left < GROWTH
        assert peak - start < PEAK
        loop.run_until_complete(publish_well(house))
        loop.run_until_complete(running_house.__aexit__(None, None, None))


async def publish_well(house):
    async with peer(house) as client:
        assert (await client.publish())["code"] == "NetStream.Publish.Start"


bounded = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
deliveries = st.lists(st.sampled_from([1, 13, 500, 1537, 20_000, 70_000]), min_size=1, max_size=3).filter(
    lambda row: row != [1]
)

command_names = st.sampled_from(["connect", "publish", "createStream", "play", "deleteStream", "FCUnpublish", "?"])
commands = st.builds(
    lambda name, number, rest: amf.encode(name, number, *rest),
    command_names,
    st.floats(allow_nan=False),
    st.lists(values, max_size=3),
)
bodies = st.one_of(
    st.just(CONNECT),
    st.just(publish_command("key")),
    commands,
    values.map(amf.encode),
    st.binary(max_size=300),
    st.just(b"v" * 9000),
    st.lists(
        st.sampled_from(
            [flv.write_tag(TagKind.VIDEO, 50, b"vvv"), flv.write_tag(TagKind.AUDIO, 2**32 - 1, b"a"), b"\x09\0\0\4"]
        )
    ).map(b"".join),
)
messages = st.builds(
    lambda kind, body, stream, clock, chunk_id: chunked(
        kind, body, stream=stream, timestamp_ms=clock, chunk_id=chunk_id
    ),
    st.sampled_from([20, 20, 20, 17, 18, 8, 9, 22, 22, *MessageType, 200]),
    bodies,
    st.sampled_from([0, 1, 7]),
    st.integers(0, 0xFFFFFE),
    st.integers(2, 12),
)
openings = st.sampled_from(
    [
        b"",
        HANDSHAKE,
        HANDSHAKE + chunked(20, CONNECT, chunk_id=3),
        HANDSHAKE + chunked(20, CONNECT, chunk_id=3) + chunked(20, publish_command("key"), chunk_id=3),
    ]
)


@given(st.binary(max_size=4000), openings, deliveries)
@bounded
def test_noise(shooting, noise, opening, pieces):
    shooting.shoot(opening + noise, pieces)


@given(st.lists(messages, max_size=8), openings, deliveries)
@bounded
def test_messages_in_any_order(shooting, row, opening, pieces):
    shooting.shoot(opening + b"".join(row), pieces)


@given(st.integers(0, 2**32), st.integers(1, 12), st.floats(0, 1), st.booleans(), deliveries)
@bounded
def test_bent_captures(shooting, capture, seed, flips, cut, early, pieces):
    bent, dice = bytearray(capture), random.Random(seed)
    for _ in range(flips):
        at = dice.randrange(3073, 4500) if early else dice.randrange(len(bent))
        bent[at] ^= 1 << dice.randrange(8)
    shooting.shoot(bytes(bent[: max(4600, int(len(bent) * cut))]), [max(size, 500) for size in pieces])


@given(st.floats(0, 1), st.floats(0, 1), deliveries)
@bounded
def test_captures_with_a_hole(shooting, capture, start, width, pieces):
    at = 3073 + int((len(capture) - 3073) * start)
    shooting.shoot(capture[:at] + capture[at + int(2000 * width) :], [max(size, 500) for size in pieces])


def test_the_capture_itself_is_a_good_publisher(shooting, capture):
    house = shooting.house

    async def replay():
        async with peer(house) as client:
            await client.write(capture)
            client.writer.write_eof()
            await client.gone()
        return await house.endings()

    (ending,) = shooting.loop.run_until_complete(replay())
    assert "code=unpublished" in ending
