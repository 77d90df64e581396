"""广播: a presenter's words to everybody at once, as a line among the messages that nobody overlooks."""

from __future__ import annotations

from flask import Flask

from app.classroom.notices import commands, kinds  # noqa: F401 - importing them fills the registries


def register(_app: Flask) -> None:
    """Open the feature: its commands and kinds are all of it."""
