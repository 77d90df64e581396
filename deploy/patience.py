"""The web process's gunicorn worker, which limits the wait for the body of a request.

gunicorn itself gives the headers of each request `keepalive` seconds in all. For the body it waits as long as the
sender likes, so each sender that stops half-way would hold a connection and a thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from gevent import Timeout
from gunicorn.workers.ggevent import GeventWorker

PATIENCE_S = 20.0
"""Maximum seconds for the first bytes. A phone that changes from one cell to the next needs ten."""

LEAST_BYTES_PER_S = 2000
"""Bytes a second, on average over the whole body, below which a sender counts as gone. A GPRS line is quicker."""

AT_A_TIME = 8192
"""Bytes of one read: arrived bytes earn the sender more time."""


class TimedBody:
    """The body of a request. Reading it raises `TimeoutError` if the sender is slower than any real line."""

    def __init__(self, body: Any) -> None:
        self._body = body
        self._began_s = time.monotonic()
        self._received = 0

    def read(self, size: int | None = None) -> bytes:
        """Return `size` bytes, fewer only at the end. `None` means all."""
        pieces, left = [], float("inf") if size is None or size < 0 else size
        while left > 0:
            piece = self._in_time(self._body.read, int(min(left, AT_A_TIME)))
            if not piece:
                break
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)

    def readline(self, size: int | None = None) -> bytes:
        """Return one line."""
        return self._in_time(self._body.readline, size)

    def readlines(self, _size: int | None = None) -> list[bytes]:
        """Return all remaining lines."""
        return self.read().splitlines(keepends=True)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the remaining lines."""
        return iter(self.readline, b"")

    def _in_time(self, read: Callable[[int | None], bytes], size: int | None) -> bytes:
        left_s = self._began_s + PATIENCE_S + self._received / LEAST_BYTES_PER_S - time.monotonic()
        with Timeout(max(0.001, left_s), TimeoutError("the body came too slowly")):
            data = read(size)
        self._received += len(data)
        return data

    def __getattr__(self, name: str) -> Any:
        """Leave everything else to gunicorn's own body."""
        return getattr(self._body, name)


class PatientWorker(GeventWorker):
    """gunicorn's gevent worker, whose bodies come in time or not at all."""

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> Any:
        """Serve one request whose headers have arrived."""
        req.body = TimedBody(req.body)
        return super().handle_request(listener_name, req, sock, addr)
