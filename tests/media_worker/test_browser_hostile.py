"""Whatever a stranger or a broken page sends to the websocket is refused or survived, and nobody else notices."""

from __future__ import annotations

import asyncio
import contextlib
import random
import struct
import time
from pathlib import Path

import aiohttp
import pytest

from media_worker.browser.limits import Limits
from media_worker.browser.wire import CloseCode, Flag
from media_worker.matroska import element
from tests.media_worker.browser_support import (
    H264_WEBM,
    OPUS,
    Browsers,
    Tab,
    block,
    browsers,
    cut,
    record,
    tracks,
)
from tests.media_worker.world import until

VP8, VORBIS, ALIEN = (1, "V_VP8"), (2, "A_OPUS"), (1, "V_ALIEN")
NEW = Flag.NEW_HEADER
UNKNOWN = b"\x01" + b"\xff" * 7
QUICK = Limits(hello_s=0.2, idle_s=1.0)

BOMBS = {
    "random bytes": random.Random(7).randbytes(2000),
    "zeros": bytes(5000),
    "all ones": b"\xff" * 5000,
    "html": b"<!doctype html><p>" + b"x" * 500,
    "a header of a gigabyte": bytes.fromhex("1a45dfa3") + (1 << 56 | 1 << 30).to_bytes(8, "big"),
    "a header of unknown size": bytes.fromhex("1a45dfa3") + UNKNOWN,
    "a frame of an exabyte": tracks(VP8) + b"\xa3" + (1 << 56 | 1 << 54).to_bytes(8, "big"),
    "tracks of a gigabyte": element(0x1A45DFA3) + bytes.fromhex("1654ae6b") + (1 << 56 | 1 << 30).to_bytes(8, "big"),
    "a thousand tracks": tracks(*[VP8] * 1000),
    "no track at all": tracks(),
    "a codec nobody knows": tracks(ALIEN),
    "compressed tracks": element(0x1A45DFA3) + element(0x1654AE6B, element(0xAE, element(0x6D80))),
    "a tick of nothing": element(0x1A45DFA3) + element(0x1549A966, element(0x2AD7B1, b"\0")),
    "a number of 200 bytes": element(0x1A45DFA3) + element(0x1549A966, element(0x2AD7B1, b"\x01" * 200)),
    "lacing": tracks(VP8) + block(1, 0, b"\xff" * 300, flags=0x06),
    "a block without a head": tracks(VP8) + element(0xA3, b"\x81"),
    "an empty block": tracks(VP8) + element(0xA3),
    "a group that ends beyond itself": tracks(VP8) + element(0xA0, b"\xa1\x7f"),
    "an unknown element without end": tracks(VP8) + b"\xec" + UNKNOWN,
    "pictures of nothing but start codes": tracks((1, "V_MPEG4/ISO/AVC")) + block(1, 0, b"\0\0\1" * 20_000),
    "pictures without parameter sets": tracks((1, "V_MPEG4/ISO/AVC")) + block(1, 0, b"\0\0\0\x05abcde"),
    "mp4: a box of no size": struct.pack(">I4s", 16, b"ftyp") + bytes(8) + struct.pack(">I4s", 0, b"moov"),
    "mp4: a moov of four gigabytes": struct.pack(">I4s", 16, b"ftyp") + bytes(8) + b"\xff\xff\xff\xffmoov",
    "mp4: an empty moov": struct.pack(">I4s", 16, b"ftyp") + bytes(8) + struct.pack(">I4s", 8, b"moov"),
    "mp4: a fragment before its moov": struct.pack(">I4s", 16, b"ftyp") + bytes(8) + struct.pack(">I4s", 8, b"moof"),
}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """What an honest recorder gives."""
    return cut(record(tmp_path_factory.mktemp("good") / "x", H264_WEBM, OPUS, seconds=3), 12)


async def admitted(b: Browsers) -> Tab:
    tab = await b.tab()
    await tab.welcome()
    return tab


async def still_serves(b: Browsers, good: list[bytes]) -> None:
    """Somebody else sends, and segments come of it."""
    before = len(b.world.app.started)
    tab = await b.tab()
    await tab.welcome(sender="tab-honest-one")
    await tab.record(good, began_ms=time.time() * 1000 - 3000, each_ms=250)
    await tab.acknowledged(len(good))
    await tab.bye()
    await b.world.run_over()
    await until(lambda: len(b.world.app.started) > before, "the honest one has a picture")


@pytest.mark.parametrize("bomb", BOMBS)
async def test_what_no_recorder_writes_is_refused_and_the_door_stays_open(bomb: str, good, tmp_path: Path) -> None:
    async with browsers(tmp_path / "media") as b:
        tab = await admitted(b)
        await tab.send(1, BOMBS[bomb], flags=NEW)
        assert await tab.closed() == CloseCode.UNREADABLE
        refused = tab.said("refused")
        assert refused is not None
        assert refused["code"].split(".")[0] in {"webm", "mp4", "h264", "chunk"}
        await still_serves(b, good)


async def test_a_recording_cut_up_and_shuffled_is_survived(good, tmp_path: Path) -> None:
    """Bytes changed here and there, chunks left out and doubled: files that are almost right."""
    dice, whole = random.Random(11), b"".join(good)
    async with browsers(tmp_path / "media") as b:
        for _round in range(40):
            broken = bytearray(whole)
            for _ in range(dice.randrange(1, 30)):
                broken[dice.randrange(len(broken))] = dice.randrange(256)
            pieces = list(enumerate(cut(bytes(broken), 12), 1))
            pieces[3], pieces[5] = pieces[5], pieces[3]
            tab = await admitted(b)
            for number, data in pieces:
                if number == 1 or dice.random() > 0.1:
                    await tab.send(number, data, flags=NEW if number == 1 else Flag(0))
            with contextlib.suppress(ConnectionError, aiohttp.ClientError):  # it may have been closed before
                await tab.bye()
        await still_serves(b, good)


TEXTS = [
    "", "x", "null", "[]", "{}", '{"type": 1}', '{"type": "hello"}', '{"type": "clock", "t0": 1}',
    '{"type": "hello", "version": 99, "ticket": "t", "sender": "s", "mime": "m"}',
    '{"type": "hello", "version": 1, "ticket": 5, "sender": "s", "mime": "m"}',
    '{"type": "hello", "version": 1, "ticket": "' + "t" * 300 + '", "sender": "s", "mime": "m"}',
    "[" * 3000, '{"type": "hello", "x": "' + "y" * 5000 + '"}',
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
async def test_a_bad_greeting_is_refused(text: str, tmp_path: Path) -> None:
    async with browsers(tmp_path / "media") as b:
        tab = await b.tab()
        await tab.socket.send_str(text)
        assert await tab.closed() == CloseCode.PROTOCOL
        assert b.world.app.runs == 0


async def test_media_before_hello_and_silence_are_refused(tmp_path: Path) -> None:
    async with browsers(tmp_path / "media", limits=QUICK) as b:
        tab = await b.tab()
        await tab.send(1, b"x")
        assert await tab.closed() == CloseCode.PROTOCOL
        assert await (await b.tab()).closed() == CloseCode.PROTOCOL


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"short",
        struct.pack(">IB3xd", 1, 255, 1.0),
        struct.pack(">IB3xd", 1, 1, float("nan")),
        struct.pack(">IB3xd", 1, 1, float("inf")),
    ],
)
async def test_a_chunk_without_a_decent_head_is_refused(frame: bytes, tmp_path: Path) -> None:
    async with browsers(tmp_path / "media") as b:
        tab = await admitted(b)
        await tab.socket.send_bytes(frame)
        assert await tab.closed() == CloseCode.PROTOCOL


async def test_the_first_chunk_must_be_a_header(good, tmp_path: Path) -> None:
    async with browsers(tmp_path / "media") as b:
        tab = await admitted(b)
        await tab.send(5, good[4])
        assert await tab.closed() == CloseCode.UNREADABLE


async def test_a_message_of_megabytes_is_cut_off(tmp_path: Path) -> None:
    async with browsers(tmp_path / "media") as b:
        for tab in (await admitted(b), await b.tab()):
            await tab.send(1, bytes(2_000_000), flags=NEW)
            await tab.closed()


async def test_a_sender_who_goes_silent_loses_his_place(good, tmp_path: Path) -> None:
    async with browsers(tmp_path / "media", limits=Limits(idle_s=0.3, hold_s=0.3)) as b:
        tab = await admitted(b)
        await tab.record(good, began_ms=time.time() * 1000 - 3000, each_ms=250)
        await tab.acknowledged(len(good))
        tab._listening.cancel()
        await b.world.run_over()
        await until(lambda: not b.door._open, "the connection is given up")
        await tab.socket.close()


async def test_someone_elses_name_gives_nothing_of_his(good, tmp_path: Path) -> None:
    """A tab's name is no secret worth having: without a ticket for its lesson it opens nothing."""
    async with browsers(tmp_path / "media") as b:
        tab = await admitted(b)
        await tab.record(good[:6], began_ms=time.time() * 1000 - 3000, each_ms=250)
        await tab.acknowledged(6)
        other = await b.tab()
        b.world.app.stream = "s2"
        assert (await other.welcome())["resume"] is None
        await tab.record(good[6:], began_ms=time.time() * 1000 - 3000, each_ms=250, first=7)
        await tab.acknowledged(len(good))
        await tab.bye()


@pytest.mark.parametrize(
    ("origin", "fine"),
    [
        ("http://127.0.0.1:5000", True),
        ("https://live.example.cn", True),
        ("https://evil.example", False),
        ("http://127.0.0.1.evil.example", False),
        ("null", False),
        ("", False),
    ],
)
async def test_pages_of_other_sites_are_kept_out(origin: str, fine: bool, tmp_path: Path) -> None:
    async with browsers(tmp_path / "media", origins=["https://live.example.cn"]) as b:
        if fine:
            await (await b.tab(Origin=origin)).welcome()
        else:
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                await b.tab(Origin=origin)
            assert caught.value.status == 403


@pytest.mark.parametrize(
    ("limits", "room"),
    [
        (Limits(connections=3), 3),
        (Limits(strangers=2), 2),
        (Limits(connections_per_address=4), 4),
    ],
)
async def test_there_is_room_for_so_many(limits: Limits, room: int, tmp_path: Path) -> None:
    async with browsers(tmp_path / "media", limits=limits) as b:
        tabs = [await b.tab() for _ in range(room)]
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await b.tab()
        assert caught.value.status == 429
        await tabs[0].socket.close()
        await until(lambda: len(b.door._open) < room, "there is room again")
        await b.tab()


async def test_behind_a_proxy_addresses_are_those_that_it_names(tmp_path: Path) -> None:
    async with browsers(tmp_path / "media", limits=Limits(connections_per_address=1), trusted_proxies=1) as b:
        await b.tab(X_Forwarded_For="1.1.1.1, 192.0.2.1")
        await b.tab(X_Forwarded_For="192.0.2.1, 192.0.2.2")
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await b.tab(X_Forwarded_For="3.3.3.3, 192.0.2.1")


async def test_a_flood_of_tiny_frames_holds_nobody_else_up(tmp_path: Path) -> None:
    """Whoever sends a hundred thousand frames waits himself; meanwhile the loop answers at once."""
    async with browsers(tmp_path / "media") as b:
        tab = await admitted(b)
        await tab.send(1, tracks(VORBIS) + block(1, 0, b"x"), flags=NEW)
        flood = b"".join(block(1, n % 1000, b"x") for n in range(15_000))
        for number in range(2, 10):
            await tab.send(number, flood[: 250 * 1024])
        longest, until_s = 0.0, time.monotonic() + 3
        while time.monotonic() < until_s:
            before = time.thread_time()  # what the loop itself works between two turns, whatever else the machine does
            await asyncio.sleep(0.005)
            longest = max(longest, time.thread_time() - before)
        assert tab.close_code is None
        assert longest < 0.2
        ack = tab.said("ack")
        assert ack is None or ack["sequence"] < 6, "it was made to wait"


async def test_a_flood_of_words_is_slowed_down(tmp_path: Path) -> None:
    async with browsers(tmp_path / "media", limits=Limits(texts_per_s=20)) as b:
        tab = await admitted(b)
        for _ in range(400):
            await tab.socket.send_str('{"type": "clock", "t0": 1, "t1": 1, "t2": 1}')
        await tab.send(1, tracks(VORBIS), flags=NEW)
        await asyncio.sleep(1.0)
        assert tab.said("ack") is None


@pytest.mark.parametrize("times", [(1e308, 1e308), (-1e308, 1e308), (0, 0), (5e12, 1)])
async def test_a_lying_clock_harms_the_liar_alone(times: tuple[float, float], good, tmp_path: Path) -> None:
    """Dates stay within the last minute, whatever is claimed."""
    async with browsers(tmp_path / "media") as b:
        tab = await b.tab()
        tab.now = iter_of(*times)  # type: ignore[method-assign]
        await tab.welcome()
        for number, data in enumerate(good, 1):
            ends = times[number % 2]
            await tab.send(number, data, flags=NEW if number == 1 else Flag(0), ends_at_ms=ends)
        await tab.acknowledged(len(good))
        await until(lambda: bool(b.world.app.started), "there is a picture")
        now = time.time() * 1000
        assert now - 70_000 < b.world.app.started[0].newest.start_ms <= now
        await tab.bye()


def iter_of(*times: float):
    """A clock that shows these in turn."""
    shown = [0]

    def now() -> float:
        shown[0] += 1
        return times[shown[0] % len(times)]

    return now


async def test_a_bomb_does_not_fill_the_memory(tmp_path: Path) -> None:
    """Whoever declares a frame of the greatest size allowed, and sends it for ever, holds no more than that."""
    async with browsers(tmp_path / "media") as b:
        tab = await admitted(b)
        await tab.send(1, tracks(VP8) + b"\xec" + (1 << 56 | 1 << 50).to_bytes(8, "big"), flags=NEW)
        for number in range(2, 60):  # 14 MB of a void that is passed over
            await tab.send(number, bytes(250 * 1024))
        await tab.acknowledged(59)
        (intake,) = b.door._intakes.values()
        assert len(intake._reader._data) < 1024  # type: ignore[union-attr]
        await tab.bye()
