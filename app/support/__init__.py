"""Help: the chapters of 帮助中心, and whom to ask.

Floors, from below: `contact` keeps the telephone numbers and groups of each unit; `help` has the chapters and leads
every page to the one that fits.
"""

from __future__ import annotations

from flask import Flask

from app.support import contact
from app.support import help as chapters


def register(app: Flask) -> None:
    """Open the room, floor by floor."""
    contact.register(app)
    chapters.register(app)
