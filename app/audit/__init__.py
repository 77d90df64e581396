"""The audit log: who granted, revoked, imported, changed, exported, and signed in as administrator. Append-only."""

from __future__ import annotations

from flask import Flask

from app.audit import models  # noqa: F401


def register(_app: Flask) -> None:
    """Open the room; its page is in the room `roles`, which knows who may read it."""
