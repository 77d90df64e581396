"""Ports on which nobody listens.

They lie beneath those that systems give to outgoing connections (32768 and above on Linux): a program that is killed
and started again finds its own port as it left it.
"""

from __future__ import annotations

import random
import socket

LOWEST, HIGHEST = 20_000, 32_000


def free_ports(count: int) -> list[int]:
    """Give so many, each another one."""
    found: list[int] = []
    while len(found) < count:
        port = random.SystemRandom().randrange(LOWEST, HIGHEST)
        if port not in found and is_free(port):
            found.append(port)
    return found


def free_port() -> int:
    """Give one."""
    return free_ports(1)[0]


def is_free(port: int) -> bool:
    """Say whether a server could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
