"""argon2id, for stored passwords."""

from __future__ import annotations

import base64
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

hasher = PasswordHasher()


def nobodys_hash() -> str:
    """Return a hash that no password has. To check it takes as long as to check a real one.

    It is made up, because to compute one would take a tenth of a second whenever a process starts.
    """
    salt, digest = (
        base64.b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (hasher.salt_len, hasher.hash_len)
    )
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${digest}"


def hash_of(password: str) -> str:
    """Return the hash of a password with today's parameters."""
    return hasher.hash(password)


def matches(known: str | None, password: str) -> bool:
    """Return whether a password fits a hash. Without a hash it takes just as long."""
    try:
        hasher.verify(known or nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return known is not None


def is_outdated(known: str) -> bool:
    """Return whether a hash was made with other parameters than today's."""
    return hasher.check_needs_rehash(known)
