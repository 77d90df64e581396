"""Signing in through the academy's own identity provider (OpenID Connect)."""

from __future__ import annotations

from flask import Flask


def register(_app: Flask) -> None:
    """Open the room, when a provider is configured."""
