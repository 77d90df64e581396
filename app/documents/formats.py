"""What files are taken, by the ending of their names. Whether one is what its name says shows when it is converted."""

from __future__ import annotations

from pathlib import PurePath

from app.documents.convert.office import find_office

OFFICE = frozenset({".pptx", ".pptm", ".ppsx", ".ppsm", ".ppt", ".pps", ".odp", ".docx", ".docm", ".doc", ".odt"})
"""Need LibreOffice; macros in them are never run."""
PDF = frozenset({".pdf"})
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"})
TAKEN = OFFICE | PDF | PICTURES


def ending_of(name: str) -> str:
    """Give the ending of a file's name, with its dot, in small letters; empty where there is none."""
    return PurePath(name).suffix.lower()


def office_is_here() -> bool:
    """Say whether Office files can be converted on this machine."""
    return find_office() is not None
