"""Where a browser measures its line: only with the app's signature, and not for long."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from media_worker.browser import line
from media_worker.contract import LINE_PATH, line_signature

SECRET = "measured"


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    site = web.Application()
    line.LineDoor(SECRET).add_to(site)
    async with TestServer(site) as server:
        yield server


def address(server: TestServer, *, until_s: int, secret: str = SECRET) -> str:
    signature = line_signature(secret, until_s)
    return str(server.make_url(LINE_PATH).update_query(until=str(until_s), signature=signature))


async def test_what_is_sent_is_counted(server: TestServer) -> None:
    soon = int(time.time()) + 60
    async with aiohttp.ClientSession() as browser, browser.ws_connect(address(server, until_s=soon)) as socket:
        for length in (1, 131_072, 5):
            await socket.send_bytes(bytes(length))
            assert await socket.receive_str() == str(length)


@pytest.mark.parametrize(("secret", "later_s"), [("another", 60), (SECRET, -1)], ids=["forged", "too late"])
async def test_without_a_good_signature_nobody_measures(server: TestServer, secret: str, later_s: int) -> None:
    until_s = int(time.time()) + later_s
    async with aiohttp.ClientSession() as browser:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await browser.ws_connect(address(server, until_s=until_s, secret=secret))
    assert refusal.value.status == 403


async def test_one_who_does_not_stop_is_stopped(server: TestServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "LONGEST_S", 0.2)
    soon = int(time.time()) + 60
    async with aiohttp.ClientSession() as browser, browser.ws_connect(address(server, until_s=soon)) as socket:
        await socket.send_bytes(b"on")
        while (message := await socket.receive(timeout=5)).type is aiohttp.WSMsgType.TEXT:
            await socket.send_bytes(b"on")
        assert message.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING}
