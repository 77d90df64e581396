"""Help: chapters of 帮助中心, whom to ask, tickets of those who did not find the answer there, and announcements.

Floors, from below: `contact` keeps the telephone numbers and groups of each unit; `help` has the chapters and leads
every page to the one that fits; `tickets` are questions and what becomes of them, `announcements` tell
everybody what is planned or new.
"""

from __future__ import annotations

from flask import Flask

from app.support import announcements, contact, tickets
from app.support import help as chapters


def register(app: Flask) -> None:
    """Open the room, floor by floor."""
    contact.register(app)
    chapters.register(app)
    tickets.register(app)
    announcements.register(app)
