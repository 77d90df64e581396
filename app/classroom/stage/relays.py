"""Check of the TURN servers for `flask doctor`: it asks each for an allocation, as browsers do.

Messages are those of STUN (RFC 8489, 5 and 14) and TURN (RFC 8656, 7), with long-term credentials (RFC 8489, 9.2).
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import socket
import ssl
import struct
from contextlib import closing

from flask import current_app

from app.classroom.stage import turn
from app.kernel.cli import Finding

PATIENCE_S = 4.0
MAGIC = 0x2112A442
ALLOCATE, ALLOCATED = 0x0003, 0x0103
USERNAME, INTEGRITY, ERROR_CODE, REALM, NONCE, TRANSPORT = 0x0006, 0x0008, 0x0009, 0x0014, 0x0015, 0x0019
UDP = bytes([17, 0, 0, 0])
"""The protocol of what is relayed."""
UNAUTHORISED = 401

_URL = re.compile(r"(turns?):(\[[0-9a-fA-F:]+\]|[^:?]+)(?::(\d+))?(?:\?transport=(udp|tcp))?")


class Refused(Exception):
    """The server gives no allocation; the message says why."""


def findings() -> list[Finding]:
    """Return whether speakers whose networks let nothing else through are relayed."""
    urls = current_app.config["TURN_URLS"]
    if not urls:
        mend = "set TURN_URLS and TURN_SECRET (deploy/turnserver.conf); without, some learners cannot be heard"
        return [Finding("a TURN server for speakers behind firewalls", fine=False, mend=mend)]
    return [_look_at(url) for url in urls]


def allocate(url: str, name: str, password: str) -> None:
    """Ask a TURN server for an allocation and give it back.

    Raises:
        Refused: the answer is another one.
        OSError: the server is not reached, or its certificate is not trusted.
    """
    found = _URL.fullmatch(url)
    if found is None:
        raise Refused("the address is not one of TURN")
    scheme, host, port, way = found.groups()
    is_secure = scheme == "turns"
    place = (host.strip("[]"), int(port or (5349 if is_secure else 3478)))
    with closing(
        _connect(place, is_udp=(way or ("tcp" if is_secure else "udp")) == "udp", is_secure=is_secure)
    ) as line:
        _, said = _ask(line, {TRANSPORT: UDP})
        if _error_of(said) != UNAUTHORISED or REALM not in said or NONCE not in said:
            raise Refused(f"it answers with {_error_of(said)} where it should ask for a password")
        key = hashlib.md5(b":".join((name.encode(), said[REALM], password.encode())), usedforsecurity=False).digest()
        about = {TRANSPORT: UDP, USERNAME: name.encode(), REALM: said[REALM], NONCE: said[NONCE]}
        kind, said = _ask(line, about, key)
        if kind != ALLOCATED:
            code = _error_of(said)
            raise Refused("TURN_SECRET is another one than the server's" if code == UNAUTHORISED else f"error {code}")


def message(about: dict[int, bytes], transaction: bytes, key: bytes = b"") -> bytes:
    """Return an Allocate request, signed where there is a key."""
    body = b"".join(_attribute(kind, value) for kind, value in about.items())
    if not key:
        return struct.pack("!HHI", ALLOCATE, len(body), MAGIC) + transaction + body
    unsigned = struct.pack("!HHI", ALLOCATE, len(body) + 24, MAGIC) + transaction + body
    return unsigned + _attribute(INTEGRITY, hmac.new(key, unsigned, hashlib.sha1).digest())


def attributes(body: bytes) -> dict[int, bytes]:
    """Return the attributes of a message, by their types."""
    found: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(body):
        kind, size = struct.unpack_from("!HH", body, at)
        found[kind] = body[at + 4 : at + 4 + size]
        at += 4 + size + -size % 4
    return found


def _look_at(url: str) -> Finding:
    [server] = [one for one in turn.ice_servers("doctor") if "username" in one]
    try:
        allocate(url, server["username"], server["credential"])
    except (Refused, OSError) as error:
        return Finding(f"{url} relays", fine=False, mend=f"{error}: see deploy/turnserver.conf")
    return Finding(f"{url} relays", fine=True)


def _connect(place: tuple[str, int], *, is_udp: bool, is_secure: bool) -> socket.socket:
    if is_udp:
        family, kind, _protocol, _name, address = socket.getaddrinfo(*place, type=socket.SOCK_DGRAM)[0]
        line = socket.socket(family, kind)
        line.settimeout(PATIENCE_S)
        line.connect(address)
        return line
    plain = socket.create_connection(place, PATIENCE_S)
    return ssl.create_default_context().wrap_socket(plain, server_hostname=place[0]) if is_secure else plain


def _ask(line: socket.socket, about: dict[int, bytes], key: bytes = b"") -> tuple[int, dict[int, bytes]]:
    """Send a request and return kind and attributes of the answer. Over UDP an answer comes as one packet."""
    line.sendall(message(about, os.urandom(12), key))
    answer = line.recv(4096)
    while len(answer) < 20 or len(answer) < 20 + struct.unpack_from("!H", answer, 2)[0]:
        more = line.recv(4096)
        if not more:
            raise Refused("it hangs up")
        answer += more
    return struct.unpack_from("!H", answer)[0], attributes(answer[20:])


def _error_of(said: dict[int, bytes]) -> int:
    """Return the error code of an answer, 0 for none."""
    code = said.get(ERROR_CODE, bytes(4))
    return (code[2] & 7) * 100 + code[3]


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)
