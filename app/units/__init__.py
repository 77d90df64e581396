"""Units: the tree of the academy, its institutes, branches and departments. It does not know its people."""

from __future__ import annotations

from flask import Flask


def register(_app: Flask) -> None:
    """Open the room. Its pages are in the room `people`."""
