"""The timeline: the events of a lesson, in order, each with its moment on the lesson's clock.

It is append-only. Live page, rewind, replay and export are renderers of this row and of the segments.
"""

from __future__ import annotations

from flask import Flask


def register(_app: Flask) -> None:
    """Open the room, which has no pages of its own."""
