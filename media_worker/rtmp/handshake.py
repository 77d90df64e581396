"""The RTMP handshake (RTMP 1.0, 5.2), server's side.

The simple answer is given to everybody. A C1 that carries Adobe's digest is welcome; no encoder asks for
the digest back (only Flash players did, before they would play H.264), and zeros in place of a server version
tell the client not to look for it.
"""

from __future__ import annotations

import os

from media_worker.rtmp.limits import ViolationError

VERSION = 3
C1_SIZE = 1536
C0_C1_SIZE = 1 + C1_SIZE
C2_SIZE = C1_SIZE

_OTHER_VISITORS = (
    (b"\x16\x03", "a TLS hello"),
    (b"GET ", "HTTP"),
    (b"POST", "HTTP"),
    (b"HEAD", "HTTP"),
    (b"SSH-", "SSH"),
)


def check_version(head: bytes | bytearray) -> None:
    """Look at the first bytes of a peer; C0 is enough to know a stranger.

    Raises:
        ViolationError: it does not speak plain RTMP.
    """
    if head[0] == VERSION:
        return
    name = next((name for start, name in _OTHER_VISITORS if head.startswith(start)), f"version byte {head[0]}")
    raise ViolationError("handshake.not_rtmp", f"not RTMP: {name}")


def answer(c0_c1: bytes, now_ms: int) -> bytes:
    """Give S0, S1 and S2.

    Args:
        c0_c1: the client's first 1537 bytes.
        now_ms: our clock in ms, for S1; any zero point.
    """
    c1 = c0_c1[1:C0_C1_SIZE]
    stamp = (now_ms & 0xFFFFFFFF).to_bytes(4, "big")
    s1 = stamp + bytes(4) + os.urandom(C1_SIZE - 8)
    s2 = c1[:4] + stamp + c1[8:]
    return bytes((VERSION,)) + s1 + s2
