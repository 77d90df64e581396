"""The timeline: what happened in a lesson, in order, each event with its moment on the lesson's clock.

Append-only. Live page, rewind, replay and export are renderers of this row and of the segments.
"""

from __future__ import annotations

from flask import Flask


def register(_app: Flask) -> None:
    """Open the room; it has no pages of its own."""
