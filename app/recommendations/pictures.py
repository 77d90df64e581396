"""Large pictures, cut to the banner's shape."""

from __future__ import annotations

from app.kernel.pictures.shelf import Shelf
from app.recommendations import queries

SHELF = Shelf("banners", widths=(1200, 720), shape=(3, 1))
"""The widths are those of computers, and of telephones, whose pictures are denser than their pages."""


def remove_unused() -> None:
    """Remove the pictures that no recommendation shows. The clockwork calls it."""
    SHELF.remove_unused(queries.used_pictures())
