"""The listening socket and the clock of all its connections."""

from __future__ import annotations

import asyncio
import logging

from media_worker.ingest import Gate
from media_worker.rtmp.connection import Connection, Shared
from media_worker.rtmp.limits import Limits

log = logging.getLogger("media_worker.rtmp")


class RtmpServer:
    """Takes encoders' streams in at rtmp://host:port/live, with the publish key as stream name.

    Args:
        gate: asked about every publish key.
        host: address to listen on. The empty string means all, IPv4 and IPv6.
        port: TCP port. 0 means any free one.
        limits: limits on all that peers may send.
    """

    def __init__(self, gate: Gate, *, host: str, port: int, limits: Limits = Limits()) -> None:  # noqa: B008 - frozen
        self._shared = Shared(gate, limits)
        self._host = host
        self._port = port
        self._server: asyncio.Server | None = None
        self._ticker: asyncio.TimerHandle | None = None

    @property
    def port(self) -> int:
        """The port of the socket: after `start` the real one, even if 0 was asked for."""
        return self._port

    @property
    def connections(self) -> int:
        """Number of connected peers, publishers or not."""
        return len(self._shared.members)

    async def start(self) -> None:
        """Start to listen.

        Raises:
            OSError: the port is taken, or forbidden to us.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self._shared), self._host or None, self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        self._tick()
        log.info("rtmp listening host=%s port=%d", self._host or "*", self._port)

    async def stop(self) -> None:
        """Stop listening and close every connection. Each publication is closed before this returns."""
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._ticker is not None:
            self._ticker.cancel()
        await asyncio.gather(*(member.stop() for member in tuple(self._shared.members)))
        await asyncio.sleep(0)  # lets the transports say goodbye

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        now = self._shared.time.now()
        for member in tuple(self._shared.members):
            member.tick(now)
        self._ticker = loop.call_later(self._shared.limits.tick_s, self._tick)
