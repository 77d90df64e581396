"""Bytes on their way over a socket: encoded once for a whole room, written without waiting for anybody.

simple_websocket does the handshake and reads. Frames are written here, because it would encode every frame anew for
each page, and wait for slow pages.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

MOST_BEHIND = 512_000
"""Maximum bytes that wait for one page. A backlog is written at once, and its bytes do not count."""

LOOK_S = 0.02
"""Interval at which a slow page is looked at again."""

HEARD_AT_ONCE, HEARD_PER_S = 128_000, 16_000
"""Maximum bytes of one page that are read as they come, and in a second in the long run: two frames of the greatest
length, and more than a person types. The rest waits in the network."""


def text_frame(text: str) -> bytes:
    """Return a text as one unmasked, uncompressed websocket frame, as a server sends it (RFC 6455, 5.2)."""
    payload = text.encode()
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


class Outlet:
    """Writes to one page. Bytes that the page does not take at once wait here, and too many end the connection."""

    __slots__ = ("_behind", "_beside", "_lock", "_socket", "closed")

    def __init__(self, stream: socket.socket) -> None:
        """Take the page's socket. If the web server has wrapped it in one that waits, the socket within is used."""
        self._socket: socket.socket = getattr(stream, "_sock", stream)
        self._behind = b""
        self._beside = 0
        self._lock = threading.Lock()
        self.closed = False

    def write(self, data: bytes, *, at_once: bool = False) -> None:
        """Send bytes, or have them wait.

        Args:
            data: whole frames.
            at_once: the page asked for this backlog, so its unsent bytes do not count towards `MOST_BEHIND`.
        """
        with self._lock:
            if self.closed:
                return
            data = self._behind + data if self._behind else data
            rest = data[(sent := self._send(data)) :]
            self._beside = len(rest) if at_once else max(0, self._beside - sent)
            if len(rest) > MOST_BEHIND + self._beside:
                self._close()
            elif not self.closed:
                self._behind = rest

    @property
    def is_behind(self) -> bool:
        """Return whether something waits."""
        return bool(self._behind)

    def flush(self) -> bool:
        """Try again to send the bytes that wait. Return whether some still wait."""
        if self._behind:
            self.write(b"")
        return self.is_behind

    def drain(self, within_s: float) -> bool:
        """Wait until all is sent, for `within_s` at most. Return whether it was."""
        deadline = time.monotonic() + within_s
        while not self.closed and self.flush():
            if time.monotonic() > deadline:
                return False
            time.sleep(LOOK_S)
        return not self.closed

    def close(self) -> None:
        """End the connection. Its reader wakes up."""
        with self._lock:
            self._close()

    def _send(self, data: bytes) -> int:
        try:
            return self._socket.send(data, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError:
            self._close()
            return len(data)

    def _close(self) -> None:
        self.closed, self._behind = True, b""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)


class Inlet:
    """Reads from one page, which cannot keep the others waiting however much it sends.

    Where greenlets share a thread, one that always finds something to read would never give the others their turn.
    """

    __slots__ = ("_at", "_do", "_due", "_every_s", "_left", "_sock", "_stream")

    def __init__(self, stream: socket.socket) -> None:
        """Take the socket. Everything but reading goes through to it."""
        self._stream = stream
        self._sock: socket.socket = getattr(stream, "_sock", stream)
        self._left, self._at = float(HEARD_AT_ONCE), time.monotonic()
        self._every_s = self._due = float("inf")
        self._do: Callable[[], None] = lambda: None

    def every(self, seconds: float, do: Callable[[], None]) -> None:
        """Have the reader call `do` at this interval, whether or not anything comes."""
        self._every_s, self._due, self._do = seconds, time.monotonic() + seconds, do

    def recv(self, size: int) -> bytes:
        """Return the bytes that have come. If the page has sent more than it may, wait first."""
        while (data := self._receive(size)) is None:
            self._do()
            self._due = time.monotonic() + self._every_s
        now = time.monotonic()
        self._left = min(HEARD_AT_ONCE, self._left + (now - self._at) * HEARD_PER_S) - len(data)
        self._at = now
        time.sleep(max(0.0, -self._left / HEARD_PER_S))
        return data

    def _receive(self, size: int) -> bytes | None:
        """Read until the next deadline. Return None once it has passed."""
        patience_s = self._due - time.monotonic()
        if patience_s <= 0:
            return None
        if patience_s == float("inf"):
            return self._stream.recv(size)
        if self._stream is self._sock:  # a timeout of the socket itself would also concern its writers
            waiting = select.poll()
            waiting.register(self._sock, select.POLLIN)
            return self._stream.recv(size) if waiting.poll(patience_s * 1000) else None
        self._stream.settimeout(patience_s)
        try:
            return self._stream.recv(size)
        except TimeoutError:
            return None

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the socket itself."""
        return getattr(self._stream, name)


class InTurn:
    """Stands in for the thread in which simple_websocket would read. The caller of `run` reads instead.

    So a page has one greenlet in place of two, whose stacks are most of a page's memory.
    """

    def __init__(self, target: Callable[[], None]) -> None:
        """Take the function that the thread would run."""
        self.run, self.name = target, ""

    def start(self) -> None:
        """Wait for `run`."""


class Heard:
    """Stands in for the event by which that thread would announce a message. `tell` is called instead."""

    def __init__(self) -> None:
        """Start without a listener."""
        self.tell: Callable[[], None] = lambda: None

    def set(self) -> None:
        """Wake the listener: bytes have arrived, or the connection has ended."""
        self.tell()


def payload_of(frame: bytes) -> str:
    """Return the text of one frame that `text_frame` has made."""
    return frame[{126: 4, 127: 10}.get(frame[1], 2) :].decode()
