"""argon2id, for passwords that are stored."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

hasher = PasswordHasher()

NOBODYS_HASH = hasher.hash("nobody")
"""Checked when there is no such user or no password, so that the answer takes as long as for one who exists."""


def hash_of(password: str) -> str:
    """Hash a password with today's parameters."""
    return hasher.hash(password)


def matches(known: str | None, password: str) -> bool:
    """Return whether a password is the one that was hashed; takes as long when none was."""
    try:
        hasher.verify(known or NOBODYS_HASH, password)
    except (VerificationError, InvalidHashError):
        return False
    return known is not None


def is_outdated(known: str) -> bool:
    """Return whether a hash was made with other parameters than today's."""
    return hasher.check_needs_rehash(known)
