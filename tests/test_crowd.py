"""The scripted pages themselves: a page that cannot go on says so to whoever waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import aiohttp
import pytest
from aiohttp import web

from tests.crowd import Page

Outcome = TypeVar("Outcome")
HELLO = '{"type": "hello", "now": 0, "last": 0}'
DONE = '{"type": "done", "n": 1, "data": {"message": 7}}'


async def with_server(
    serve: Callable[[web.WebSocketResponse, int], Awaitable[None]], use: Callable[[Page], Awaitable[Outcome]]
) -> Outcome:
    """Serve sockets; `serve` is told the number of each. Give what `use` makes of a page."""
    count = 0

    async def handle(request: web.Request) -> web.WebSocketResponse:
        nonlocal count
        count += 1
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await serve(socket, count)
        return socket

    app = web.Application()
    app.router.add_get("/live/x/socket", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        async with asyncio.timeout(20), aiohttp.ClientSession() as http:
            page = Page(http, f"http://{host}:{port}/live/x", "")
            page.open()
            return await use(page)
    finally:
        await runner.cleanup()


def test_whoever_asks_a_page_that_has_died_is_told() -> None:
    async def serve(socket: web.WebSocketResponse, _number: int) -> None:
        await socket.send_str(HELLO)
        await socket.receive()
        await socket.send_str("what no page can read")
        await socket.receive()

    async def use(page: Page) -> None:
        await page.opened()
        for _ in range(2):  # while it dies, and when it is dead
            with pytest.raises(ValueError, match="Expecting value"):
                await page.ask("chat.say")
        with pytest.raises(ValueError, match="Expecting value"):
            await page.reached(1)

    asyncio.run(with_server(serve, use))


def test_a_page_whose_connection_breaks_in_the_middle_of_a_frame_comes_back() -> None:
    async def serve(socket: web.WebSocketResponse, number: int) -> None:
        await socket.send_str(HELLO)
        await socket.receive()
        if number == 1:  # a frame of an unknown kind (RFC 6455, 5.2): aiohttp hands the error over as a message
            assert socket._req is not None
            assert socket._req.transport is not None
            socket._req.transport.write(b"\x83\x01x")
        else:
            await socket.send_str(DONE)
        await socket.receive()

    async def use(page: Page) -> dict[str, object]:
        await page.opened()
        done = await page.ask("chat.say")
        await page.close()
        return done

    assert asyncio.run(with_server(serve, use)) == {"message": 7}
