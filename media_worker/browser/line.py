"""The door at which a presenter's browser measures its network line. It acknowledges each message and forgets it.

The app signs the address for a short time (`contract.line_signature`), so that nobody else fills our line.
"""

from __future__ import annotations

import asyncio
import hmac
import time

from aiohttp import WSMsgType, web

from media_worker.contract import LINE_PATH, line_signature

LONGEST_MESSAGE = 300_000
"""Maximum bytes of a message."""
LONGEST_S = 12.0
"""Maximum seconds of a measurement."""
AT_ONCE = 16
"""Maximum number of measurements at once."""


class LineDoor:
    """Takes the messages by which browsers measure their line.

    Args:
        secret: shared with the app, which signs.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._open = 0

    def add_to(self, site: web.Application) -> None:
        """Open the door in the worker's own HTTP server."""
        site.router.add_get(LINE_PATH, self.serve)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer each message with its length, for some seconds."""
        if not self._is_signed(request.query.get("until", ""), request.query.get("signature", "")):
            raise web.HTTPForbidden(text="This address has expired, or was never signed.")
        if self._open >= AT_ONCE:
            raise web.HTTPTooManyRequests(text="Too many are measuring.")
        socket = web.WebSocketResponse(max_msg_size=LONGEST_MESSAGE, compress=False, timeout=2.0)
        self._open += 1
        try:
            await socket.prepare(request)
            async with asyncio.timeout(LONGEST_S):
                async for message in socket:
                    if message.type is WSMsgType.BINARY:
                        await socket.send_str(str(len(message.data)))
        except (TimeoutError, ConnectionError):
            pass  # a browser that has measured for this long knows enough
        finally:
            self._open -= 1
            await socket.close()
        return socket

    def _is_signed(self, until: str, signature: str) -> bool:
        if not until.isascii() or not until.isdecimal() or len(until) > 12:
            return False
        expected = line_signature(self._secret, int(until))
        return int(until) > time.time() and hmac.compare_digest(signature.encode(), expected.encode())
