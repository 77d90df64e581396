"""Documents: what a presenter shows, page by page, each page as pictures, text and notes.

Files are turned into pages by the jobs process (`convert`); a whiteboard is a document whose pages begin blank.
"""

from __future__ import annotations

from flask import Flask

from app.documents import queries as queries


def register(_app: Flask) -> None:
    """Open the room."""
