"""Network addresses, and the blocks under which limits count them.

An IPv6 customer has at least a /64, which is 2^64 addresses (RFC 6177), so a /64 counts as one.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from flask import has_request_context, request

LONGEST = 80
"""Characters that are kept of what is no address at all, as behind a strange proxy."""


def block_of(said: str) -> str:
    """Return the block that an address is counted under: an IPv4 address itself, of IPv6 the /64."""
    address = address_of(said)
    if address is None:
        return said[:LONGEST]
    return str(address if address.version == 4 else ip_network((address, 64), strict=False))


def block() -> str:
    """Return the block that this request comes from; empty where no request is served."""
    return block_of((request.remote_addr or "") if has_request_context() else "")


def address_of(said: str) -> IPv4Address | IPv6Address | None:
    """Return the address that is meant, an IPv4 one also where it is written as IPv6; `None` where it is none."""
    try:
        address = ip_address(said.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
