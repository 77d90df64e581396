"""Ports on which nobody listens."""

from __future__ import annotations

import socket


def free_ports(count: int) -> list[int]:
    """Give so many, each another one."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def free_port() -> int:
    """Give one."""
    return free_ports(1)[0]
