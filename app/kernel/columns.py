"""Columns that several rooms need."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import text


def values_of(kind: type[StrEnum]) -> list[str]:
    """Store an enum by its values, which are words of ours, and not by its names, which are Python's."""
    return [str(one) for one in kind]


def only_while(condition: str) -> dict[str, Any]:
    """Give the arguments of an index that holds only some rows, in both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}
