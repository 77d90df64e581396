"""The pair of keys by which push services know this service (VAPID, RFC 8292)."""

from __future__ import annotations

import base64
from email.utils import parseaddr
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import current_app
from py_vapid import Vapid


def public_key() -> str:
    """Return the public key as browsers want it, base64url. It is empty when no key is set."""
    private = current_app.config["VAPID_PRIVATE_KEY"]
    return public_of(private) if private else ""


def contact() -> str:
    """Return the address of this service that push services are told. It is empty when MAIL_FROM holds none."""
    address = parseaddr(current_app.config["MAIL_FROM"])[1]
    return f"mailto:{address}" if "@" in address else ""


@cache
def signer(private: str) -> Vapid:
    """Return what signs with a private key, base64url."""
    return Vapid.from_raw(private.encode())


@cache
def public_of(private: str) -> str:
    """Return the public key of a private one, both base64url."""
    point = signer(private).public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def new_private_key() -> str:
    """Return a fresh private key, base64url."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return base64.urlsafe_b64encode(number.to_bytes(32)).rstrip(b"=").decode()
