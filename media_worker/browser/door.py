"""Admission to the browsers' websocket, and the number of connections at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection
from urllib.parse import urlsplit

from aiohttp import WSCloseCode, web

from media_worker.browser.connection import Connection
from media_worker.browser.intake import Intake
from media_worker.browser.limits import Limits
from media_worker.browser.wire import PATH
from media_worker.ingest import BrowserGate, BrowserPublication


class BrowserDoor:
    """Takes browsers' streams in.

    Args:
        gate: asked about every ticket.
        origins: sites (`https://live.example.org`) whose pages may send, besides those of this very host.
        trusted_proxies: number of reverse proxies before the door, whose X-Forwarded-For is believed.
        limits: limits of a browser's sending.
    """

    def __init__(
        self,
        gate: BrowserGate,
        *,
        origins: Collection[str] = (),
        trusted_proxies: int = 0,
        limits: Limits = Limits(),  # noqa: B008 - frozen
    ) -> None:
        self._gate, self._origins, self._proxies, self._limits = gate, frozenset(origins), trusted_proxies, limits
        self._intakes: dict[BrowserPublication, Intake] = {}
        self._addresses: Counter[str] = Counter()
        self._open: dict[web.WebSocketResponse, Connection] = {}

    def add_to(self, site: web.Application) -> None:
        """Open the door in the worker's own HTTP server."""
        site.router.add_get(PATH, self.serve)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one browser."""
        address = self._address(request)
        if not self._welcome(request):
            raise web.HTTPForbidden(text="This page belongs to another site.")
        strangers = sum(not one.admitted for one in self._open.values())
        full = len(self._open) >= self._limits.connections or strangers >= self._limits.strangers
        if full or self._addresses[address] >= self._limits.connections_per_address:
            raise web.HTTPTooManyRequests(text="Too many are connected.")
        socket = web.WebSocketResponse(max_msg_size=self._limits.message, compress=False, timeout=2.0)
        connection = Connection(socket, self._gate, self, self._limits)
        self._open[socket] = connection
        self._addresses[address] += 1
        try:
            await socket.prepare(request)
            await connection.run(address, request.headers.get("User-Agent", ""))
        finally:
            del self._open[socket]
            self._addresses[address] -= 1
            if not self._addresses[address]:
                del self._addresses[address]
        return socket

    def _welcome(self, request: web.Request) -> bool:
        """Return whether the page's site is ours. A client that names no site is no browser, but needs a ticket."""
        origin = request.headers.get("Origin")
        if origin is None or origin in self._origins:
            return True
        return urlsplit(origin).hostname == urlsplit(f"//{request.host}").hostname

    def _address(self, request: web.Request) -> str:
        if self._proxies:
            named = request.headers.get("X-Forwarded-For", "").split(",")
            if len(named) >= self._proxies and (found := named[-self._proxies].strip()):
                return found[:45]
        return (request.remote or "?").removeprefix("::ffff:")

    # Intakes

    def find(self, publication: BrowserPublication) -> Intake | None:
        """Return the intake of a publication that goes on, or None."""
        return self._intakes.get(publication)

    def keep(self, intake: Intake) -> None:
        """Remember an intake until it closes."""
        self._intakes[intake.publication] = intake
        intake.on_close = lambda: self._intakes.pop(intake.publication, None)

    async def stop(self) -> None:
        """Send every browser away. It comes back to the next worker."""
        await asyncio.gather(
            *(one.close(code=WSCloseCode.SERVICE_RESTART, message=b"restart") for one in tuple(self._open)),
            return_exceptions=True,
        )
        for intake in tuple(self._intakes.values()):
            intake.close("worker stopped")
