"""Long lists, one page at a time, with real addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar
from urllib.parse import urlencode

from flask import request
from sqlalchemy import Select, func, literal, select

from app.extensions import db
from app.kernel.text import tidied

PAGE_SIZE = 50

Row = TypeVar("Row")
Kind = TypeVar("Kind", bound=StrEnum)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows out of many."""

    rows: Sequence[Row]
    number: int
    """From 1."""
    total: int
    """Rows in the whole list."""
    size: int = PAGE_SIZE
    is_longer: bool = False
    """There are more rows than were counted."""
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

    def same(self, **different: str) -> str:
        """Give the address of this list from its first page, with its filters but for what is different."""
        kept = {name: value for name, value in request.args.items() if value and name not in {"page", *different}}
        return f"{self.path or request.path}?{urlencode(kept | different)}"

    def url(self, number: int) -> str:
        """Give the address of another page of the list that this request shows, with all its filters."""
        asked = [(name, value) for name, value in request.args.items(multi=True) if name != "page"]
        return f"{self.path or request.path}?{urlencode([*asked, ('page', number)])}"


def sought(name: str = "q") -> str:
    """Give what this request searches for, in one line and not too long."""
    return tidied(request.args.get(name, ""))[:100]


def choice(name: str, kinds: type[Kind], default: Kind) -> Kind:
    """Give which of some kinds this request asks for; the default where it asks for none that there is."""
    asked = request.args.get(name, "")
    return kinds(asked) if asked in set(kinds) else default


def wanted() -> int:
    """Give the number of the page that this request asks for."""
    return max(1, min(request.args.get("page", 1, int), 100_000))


def page_of(
    query: Select[Row], number: int, *, size: int = PAGE_SIZE, total: int | None = None, most: int | None = None
) -> Page[Row]:
    """Read one page of a query for model objects, and count all; a page behind the last one gives the last.

    Args:
        query: for the whole list.
        number: of the page, from 1.
        size: rows on a page.
        total: rows in the whole list, where somebody has counted them already.
        most: so far a very long list is counted and can be leafed through; whoever wants more searches.
    """
    rows: Sequence[Row] | None = None
    if total is None and number == 1:  # a short list, found after a long look perhaps, is its own count
        rows = db.session.scalars(query.limit(size)).all()
        total = len(rows) if len(rows) < size else None
    if total is None:
        counted = query.with_only_columns(literal(1), maintain_column_froms=True).order_by(None)
        if most is not None:
            counted = counted.limit(most + 1)
        total = db.session.scalar(select(func.count()).select_from(counted.subquery())) or 0
    is_longer, total = most is not None and total > most, min(total, most or total)
    number = min(number, max(1, -(-total // size)))
    if rows is None:
        rows = db.session.scalars(query.limit(size).offset((number - 1) * size)).all()
    return Page(rows, number, total, size, is_longer=is_longer)
