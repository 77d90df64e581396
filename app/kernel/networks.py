"""Network addresses, and the blocks under which limits count them.

An IPv6 customer has at least a /64, which is 2^64 addresses (RFC 6177). So a /64 counts as one.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from flask import has_request_context, request

LONGEST = 80
"""Maximum characters kept of a text that is no address, as behind a strange proxy."""


def block_of(said: str) -> str:
    """Return the block under which an address is counted: an IPv4 address itself, the /64 of an IPv6 one."""
    address = address_of(said)
    if address is None:
        return said[:LONGEST]
    return str(address if address.version == 4 else ip_network((address, 64), strict=False))


def block() -> str:
    """Return the block of this request's sender. It is empty outside a request."""
    return block_of((request.remote_addr or "") if has_request_context() else "")


def address_of(said: str) -> IPv4Address | IPv6Address | None:
    """Return the address in a text, an IPv4 one also if it is written as IPv6. `None` means that it is no address."""
    try:
        address = ip_address(said.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
