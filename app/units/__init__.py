"""Units: the tree of the academy, its institutes, branches and departments. It knows no people; they know it."""

from __future__ import annotations

from flask import Flask


def register(_app: Flask) -> None:
    """Open the room; its pages are in the room `people`."""
