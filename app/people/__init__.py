"""People and units as their managers see them: lists, changes, import from spreadsheets."""

from __future__ import annotations

from flask import Flask

from app.people import models  # noqa: F401


def register(_app: Flask) -> None:
    """Open the room."""
