"""Voices by websocket: who may speak, who hears what, and what becomes of a page that does not keep up."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from media_worker import voice
from media_worker.contract import VOICE_PATH, mix_signature, voice_signature

SECRET = "of the academy"
PIECE = bytes(range(256)) + bytes(64)

Line = aiohttp.ClientWebSocketResponse


class Programme:
    """A lesson that comes from an encoder."""

    def __init__(self) -> None:
        self.mixes = False
        self.said: list[bytes] = []

    def say(self, piece: bytes, arrived_ms: float) -> None:
        assert abs(arrived_ms / 1000 - time.time()) < 5
        self.said.append(piece)
        self.mixes = True


@pytest.fixture
def programme() -> Programme:
    return Programme()


@pytest.fixture
async def server(programme: Programme) -> AsyncIterator[TestServer]:
    site = web.Application()
    voice.VoiceDoor(SECRET, lambda name: programme if name == "s1" else None).add_to(site)
    async with TestServer(site) as server:
        yield server


@pytest.fixture
async def come(server: TestServer) -> AsyncIterator[Callable[..., object]]:
    """Open the lines of pages."""
    async with AsyncExitStack() as stay:
        browser = await stay.enter_async_context(aiohttp.ClientSession())

        async def come(page: str, to: tuple[str, ...] = (), lesson: str = "one") -> Line:
            line: Line = await stay.enter_async_context(browser.ws_connect(address(server, lesson, page)))
            await line.send_json({"type": "to", "pages": list(to)})
            return line

        yield come


def address(server: TestServer, lesson: str, page: str, *, later_s: int = 30, secret: str = SECRET, **said: str) -> str:
    until_s = int(time.time()) + later_s
    fields = {"lesson": lesson, "page": page, "until": str(until_s)}
    fields["signature"] = voice_signature(secret, lesson, page, until_s)
    return str(server.make_url(VOICE_PATH).update_query(fields | said))


async def piece_of(line: Line) -> tuple[str, bytes]:
    """Return whose voice comes next, past the acknowledgements, and the piece."""
    while (message := await line.receive(timeout=5)).type is aiohttp.WSMsgType.TEXT:
        pass
    assert message.type is aiohttp.WSMsgType.BINARY, message
    length = message.data[0]
    return message.data[1 : length + 1].decode(), message.data[length + 1 :]


async def test_a_voice_reaches_the_pages_that_she_names_in_her_lesson_alone(come: Callable[..., object]) -> None:
    host, other, elsewhere = await come("host"), await come("other"), await come("host", lesson="two")
    speaker = await come("speaker", ("host",))
    await speaker.send_bytes(PIECE)
    assert await piece_of(host) == ("speaker", PIECE)
    await speaker.send_json({"type": "to", "pages": ["other"]})
    await speaker.send_bytes(PIECE[::-1])
    assert await piece_of(other) == ("speaker", PIECE[::-1])
    for silent in (host, elsewhere):
        with pytest.raises(TimeoutError):
            await silent.receive(timeout=0.1)


async def test_words_go_to_one_page(come: Callable[..., object]) -> None:
    host, speaker = await come("host"), await come("speaker")
    await host.send_json({"type": "word", "to": "speaker", "word": {"lamp": {"why": ""}}})
    assert await speaker.receive_json(timeout=5) == {"type": "word", "from": "host", "word": {"lamp": {"why": ""}}}


@pytest.mark.parametrize(
    "wrong",
    [{"secret": "another"}, {"later_s": -1}, {"page": "somebody-else"}, {"lesson": "two"}, {"until": "soon"}],
    ids=lambda one: next(iter(one)),
)
async def test_without_a_good_signature_nobody_speaks(server: TestServer, wrong: dict[str, object]) -> None:
    options = {name: wrong.pop(name) for name in ("secret", "later_s") if name in wrong}
    forged = aiohttp.client.URL(address(server, "one", "speaker", **options)).update_query(wrong)  # type: ignore[arg-type]
    async with aiohttp.ClientSession() as browser:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await browser.ws_connect(forged)
    assert refusal.value.status == 403


async def test_a_page_that_comes_back_replaces_its_line(come: Callable[..., object]) -> None:
    before, speaker = await come("host"), await come("speaker", ("host",))
    again = await come("host")
    assert (await before.receive(timeout=5)).data == voice.REPLACED
    await speaker.send_bytes(PIECE)
    assert await piece_of(again) == ("speaker", PIECE)


async def test_a_page_that_acknowledges_nothing_gets_no_more_and_later_the_newest(
    come: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voice, "LATE_S", 0.0)
    host, speaker = await come("host"), await come("speaker", ("host",))
    for _ in range(voice.ACK_EVERY):  # fewer are never late: the page acknowledges as many together
        await speaker.send_bytes(PIECE)
        assert (await piece_of(host))[1] == PIECE
    numbered = [number.to_bytes(2, "big") + PIECE[2:] for number in range(100)]
    for one in numbered:
        await speaker.send_bytes(one)
    got = 0
    while got < 100 + voice.ACK_EVERY:  # the worker has taken all of them
        got += (await speaker.receive_json(timeout=5))["pieces"]
    with pytest.raises(TimeoutError):
        await host.receive(timeout=0.05)
    heard = []
    for _ in range(voice.MOST_PIECES):
        await host.send_json({"type": "got", "pieces": 1})
        heard.append((await piece_of(host))[1])
    assert heard == numbered[-voice.MOST_PIECES :]


@pytest.mark.parametrize("said", [b"short", "no JSON", '{"type": "to", "pages": "all"}', '{"type": "word"}'])
async def test_what_no_page_says_ends_the_line(come: Callable[..., object], said: bytes | str) -> None:
    speaker = await come("speaker")
    await (speaker.send_bytes(said) if isinstance(said, bytes) else speaker.send_str(said))
    message = await speaker.receive(timeout=5)
    assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 4400)


class TestMixing:
    """The presenter's studio has the voices of the stage mixed into what an encoder sends."""

    async def test_what_a_studio_sends_goes_into_the_lesson_alone_and_it_is_told_so(
        self, server: TestServer, come: Callable[..., object], programme: Programme
    ) -> None:
        learner = await come("learner")
        async with aiohttp.ClientSession() as browser, browser.ws_connect(mixing(server, "s1")) as studio:
            assert await studio.receive_json(timeout=5) == {
                "type": "word",
                "from": "programme",
                "word": {"mixes": False, "here": True},
            }
            await studio.send_json({"type": "to", "pages": ["learner"]})
            await studio.send_bytes(PIECE)
            while not (await studio.receive_json(timeout=5))["word"]["mixes"]:
                pass
        assert programme.said == [PIECE]
        with pytest.raises(TimeoutError):
            await learner.receive(timeout=0.1)

    async def test_a_stream_that_is_not_here_mixes_nothing(self, server: TestServer) -> None:
        async with aiohttp.ClientSession() as browser, browser.ws_connect(mixing(server, "s2")) as studio:
            await studio.send_bytes(PIECE)
            for _ in range(2):
                assert (await studio.receive_json(timeout=5))["word"] == {"mixes": False, "here": False}

    async def test_the_address_of_a_speaker_does_not_lead_into_the_lesson(self, server: TestServer) -> None:
        speaker = address(server, "one", "speaker", stream="s1")
        other = mixing(server, "s1").replace("stream=s1", "stream=s2")
        async with aiohttp.ClientSession() as browser:
            for url in (speaker, other):
                async with browser.get(url) as answer:
                    assert answer.status == 403


def mixing(server: TestServer, stream: str) -> str:
    until_s = int(time.time()) + 30
    signature = mix_signature(SECRET, stream, "one", "studio.mix", until_s)
    fields = {"lesson": "one", "page": "studio.mix", "until": str(until_s), "signature": signature, "stream": stream}
    return str(server.make_url(VOICE_PATH).update_query(fields))
