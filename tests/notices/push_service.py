"""A push service and a browser for tests: what arrives is decrypted with the browser's key, its token checked."""

from __future__ import annotations

import base64
import json
import os
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.certificates import self_signed


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def key_of(private: ec.EllipticCurvePrivateKey) -> str:
    return _text(private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


@dataclass
class Subscription:
    """A browser's side."""

    endpoint: str
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def form(self) -> dict[str, str]:
        return {"endpoint": self.endpoint, "p256dh": key_of(self.private), "auth": _text(self.secret)}

    def read(self, body: bytes) -> dict[str, Any]:
        """Decrypt a message (RFC 8291)."""
        clear = http_ece.decrypt(body, private_key=self.private, auth_secret=self.secret, version="aes128gcm")
        shown: dict[str, Any] = json.loads(clear)
        return shown


@dataclass
class Came:
    path: str
    headers: Message
    body: bytes

    def claims(self) -> tuple[dict[str, Any], str]:
        """Check the token against the key that comes with it (RFC 8292, 3). Return what it says, and that key."""
        scheme, _space, said = self.headers["Authorization"].partition(" ")
        assert scheme == "vapid"
        parts = dict(one.strip().split("=", 1) for one in said.split(","))
        point = _raw(parts["k"])
        public = {"kty": "EC", "crv": "P-256", "x": _text(point[1:33]), "y": _text(point[33:])}
        return jwt.decode(parts["t"], ECKey.import_key(public), algorithms=["ES256"]).claims, parts["k"]


@dataclass
class PushService:
    place: str
    came: list[Came] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    """Status by path; 0 closes the line; 201 for all others."""
    hand_on: Callable[[Came], None] = lambda _came: None
    """What becomes of a message. A browser that waits is given it."""

    def subscription(self, name: str) -> Subscription:
        return Subscription(f"https://{self.place}/{name}")


@contextmanager
def serving(folder: Path) -> Iterator[tuple[PushService, Path]]:
    """A push service on https. Also returns the certificate to trust."""
    file = self_signed(folder, "127.0.0.1")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came = Came(self.path, self.headers, body)
            service.came.append(came)
            service.hand_on(came)
            status = service.answers.get(self.path, 201)
            if status:
                self.send_response(status)
                self.send_header("Location", f"https://{service.place}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    service = PushService(f"127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield service, file
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
