"""`flask doctor` asks TURN servers for an allocation: held against a server that knows the protocol alone."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from flask import Flask

from app.classroom.stage import relays
from app.classroom.stage.relays import ERROR_CODE, INTEGRITY, NONCE, REALM, USERNAME

SECRET = b"of the academy"


class Server:
    """A TURN server for one browser after the other, over TCP."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"turn:127.0.0.1:{self._socket.getsockname()[1]}?transport=tcp"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                line, _address = self._socket.accept()
            except OSError:
                return
            with line:
                while request := line.recv(4096):
                    line.sendall(self._answer(request))

    def _answer(self, request: bytes) -> bytes:
        said = relays.attributes(request[20:])
        if INTEGRITY not in said or not self._is_signed(request, said):
            error = bytes([0, 0, 4, 1])
            about = ((ERROR_CODE, error), (REALM, b"example"), (NONCE, b"once"))
            body = b"".join(
                struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4) for kind, value in about
            )
            return struct.pack("!HHI", 0x0113, len(body), relays.MAGIC) + request[8:20] + body
        return struct.pack("!HHI", relays.ALLOCATED, 0, relays.MAGIC) + request[8:20]

    @staticmethod
    def _is_signed(request: bytes, said: dict[int, bytes]) -> bool:
        name = said[USERNAME]
        password = base64.b64encode(hmac.new(SECRET, name, hashlib.sha1).digest())
        key = hashlib.md5(name + b":example:" + password, usedforsecurity=False).digest()
        return hmac.new(key, request[:-24], hashlib.sha1).digest() == said[INTEGRITY]


@pytest.fixture
def server() -> Iterator[Server]:
    with closing(Server()) as server:
        yield server


def test_a_server_with_the_same_secret_is_fine_and_another_secret_is_named(app: Flask, server: Server) -> None:
    app.config |= {"TURN_URLS": (server.url,), "TURN_SECRET": SECRET.decode()}
    with app.app_context():
        assert [one.fine for one in relays.findings()] == [True]
        app.config["TURN_SECRET"] = "another one"
        [finding] = relays.findings()
    assert not finding.fine
    assert "TURN_SECRET" in finding.mend


def test_without_a_server_and_with_one_that_is_not_there_the_doctor_says_so(app: Flask) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as nobody:
        port = nobody.getsockname()[1]
    with app.app_context():
        [none] = relays.findings()
        app.config["TURN_URLS"] = (f"turn:127.0.0.1:{port}?transport=tcp", "https://turn.example.cn")
        gone, wrong = relays.findings()
    assert "deploy/turnserver.conf" in none.mend
    assert "refused" in gone.mend
    assert "not one of TURN" in wrong.mend
