"""The server's side of the RTMP handshake (RTMP 1.0, 5.2).

Every peer gets the simple answer. A C1 with Adobe's digest is welcome, but no encoder asks for the digest back: only
Flash players did, before they would play H.264. Zeros in place of a server version tell the client not to look for it.
"""

from __future__ import annotations

import os

from media_worker.rtmp.limits import ViolationError

_VERSION = 3
_PART = 1536
"""Size of C1, C2, S1 and S2 in bytes."""
_C0_C1 = 1 + _PART

_OTHER_VISITORS = (
    (b"\x16\x03", "a TLS hello"),
    (b"GET ", "HTTP"),
    (b"POST", "HTTP"),
    (b"HEAD", "HTTP"),
    (b"SSH-", "SSH"),
)


class Handshake:
    """One peer's handshake, without its socket."""

    def __init__(self) -> None:
        self._heard = bytearray()
        self._answered = False

    def take(self, data: bytes | memoryview, now_ms: int) -> bytes:
        """Take bytes as they arrive. Return the bytes to send: once S0, S1 and S2 together, otherwise none.

        Args:
            data: bytes of one read at most.
            now_ms: our clock in ms, for S1. Its zero point is arbitrary.

        Raises:
            ViolationError: the peer does not speak plain RTMP.
        """
        self._heard += data
        self._check_version()
        if self._answered or len(self._heard) < _C0_C1:
            return b""
        self._answered = True
        return self._answer(now_ms)

    def rest(self) -> bytes | None:
        """Return the bytes after C2. `None` means that the handshake goes on. C2 is not compared: some invent it."""
        if len(self._heard) < _C0_C1 + _PART:
            return None
        return bytes(self._heard[_C0_C1 + _PART :])

    def _check_version(self) -> None:
        """Check the first bytes. C0 is enough to know a stranger."""
        first = self._heard[0]
        if first != _VERSION:
            name = next(
                (name for start, name in _OTHER_VISITORS if self._heard.startswith(start)), f"version byte {first}"
            )
            raise ViolationError("handshake.not_rtmp", f"not RTMP: {name}")

    def _answer(self, now_ms: int) -> bytes:
        c1 = self._heard[1:_C0_C1]
        stamp = (now_ms & 0xFFFFFFFF).to_bytes(4, "big")
        s1 = stamp + bytes(4) + os.urandom(_PART - 8)
        s2 = c1[:4] + stamp + c1[8:]
        return bytes((_VERSION,)) + s1 + s2
