"""Columns for several rooms."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import text


def values_of(kind: type[StrEnum]) -> list[str]:
    """Return an enum's values for storage: they are words of ours, its names are Python's."""
    return [str(one) for one in kind]


def only_while(condition: str) -> dict[str, Any]:
    """Return the arguments of a partial index, for both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}
