"""Names for things in addresses: short, unguessable, without look-alike characters."""

from __future__ import annotations

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def new_id(length: int = 10) -> str:
    """Return a random name. 10 characters carry 49 bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
