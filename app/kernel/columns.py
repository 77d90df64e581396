"""Columns that several rooms need."""

from __future__ import annotations

from enum import StrEnum


def values_of(kind: type[StrEnum]) -> list[str]:
    """Store an enum by its values, which are words of ours, and not by its names, which are Python's."""
    return [str(one) for one in kind]
