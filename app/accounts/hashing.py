"""argon2id, for stored passwords."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

hasher = PasswordHasher()

NOBODYS_HASH = hasher.hash("nobody")
"""Hash to check if there is no such user or no password, so that the answer takes as long as for a real one."""


def hash_of(password: str) -> str:
    """Return the hash of a password with today's parameters."""
    return hasher.hash(password)


def matches(known: str | None, password: str) -> bool:
    """Return whether a password fits a hash. Without a hash it takes just as long."""
    try:
        hasher.verify(known or NOBODYS_HASH, password)
    except (VerificationError, InvalidHashError):
        return False
    return known is not None


def is_outdated(known: str) -> bool:
    """Return whether a hash was made with other parameters than today's."""
    return hasher.check_needs_rehash(known)
