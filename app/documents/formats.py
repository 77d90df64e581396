"""Accepted files, by the ending of their names. The conversion shows whether a file is what its name says."""

from __future__ import annotations

from pathlib import PurePath

from app.documents.convert.office import find_office

OFFICE = frozenset({".pptx", ".pptm", ".ppsx", ".ppsm", ".ppt", ".pps", ".odp", ".docx", ".docm", ".doc", ".odt"})
"""Endings that need LibreOffice. Macros in such files are never run."""
PDF = frozenset({".pdf"})
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"})
TAKEN = OFFICE | PDF | PICTURES


def ending_of(name: str) -> str:
    """Return the ending of a file's name, with its dot, in small letters. It may be empty."""
    return PurePath(name).suffix.lower()


def office_is_here() -> bool:
    """Return whether Office files can be converted on this machine."""
    return find_office() is not None
