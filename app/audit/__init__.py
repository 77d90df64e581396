"""The audit log of grants, revocations, imports, changes, exports, and administrators' sign-ins. Append-only."""

from __future__ import annotations

from flask import Flask

from app.audit import models  # noqa: F401


def register(_app: Flask) -> None:
    """Open the room. Its page is in the room `roles`, which knows who may read it."""
