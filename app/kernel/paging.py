"""Long lists, one page at a time, with real addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from flask import request
from sqlalchemy import Select, func

from app.extensions import db

PAGE_SIZE = 50

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows out of many."""

    rows: Sequence[Row]
    number: int
    """From 1."""
    total: int
    """Rows in the whole list."""
    size: int = PAGE_SIZE
    path: str = ""
    """Where the list is read; the path of this request when empty, which is wrong in the answer to a POST."""

    @property
    def last(self) -> int:
        """Number of the last page."""
        return max(1, -(-self.total // self.size))

    @property
    def first_row(self) -> int:
        """Number of the page's first row in the whole list, from 1; 0 when it is empty."""
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last_row(self) -> int:
        """Number of the page's last row."""
        return self.first_row + len(self.rows) - 1 if self.rows else 0

    def url(self, number: int) -> str:
        """Give the address of another page of the list that this request shows, with all its filters."""
        asked = [(name, value) for name, value in request.args.items(multi=True) if name != "page"]
        return f"{self.path or request.path}?{urlencode([*asked, ('page', number)])}"


def wanted() -> int:
    """Give the number of the page that this request asks for."""
    return max(1, min(request.args.get("page", 1, int), 100_000))


def page_of(query: Select[Row], number: int, *, size: int = PAGE_SIZE) -> Page[Row]:
    """Read one page of a query for model objects, and count all; a page behind the last one gives the last."""
    counted = query.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    total = db.session.scalar(counted) or 0
    number = min(number, max(1, -(-total // size)))
    rows = db.session.scalars(query.limit(size).offset((number - 1) * size)).all()
    return Page(rows, number, total, size)
