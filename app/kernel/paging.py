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
Otherwise = TypeVar("Otherwise")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a list."""

    rows: Sequence[Row]
    number: int
    """From 1."""
    total: int
    """Rows in the whole list."""
    size: int = PAGE_SIZE
    is_longer: bool = False
    """The list has more rows than were counted."""
    path: str = ""
    """Path of the list. Empty means the path of this request, which is wrong in the answer to a POST."""

    @property
    def last(self) -> int:
        """Number of the last page."""
        return max(1, -(-self.total // self.size))

    @property
    def first_row(self) -> int:
        """Number of the page's first row in the whole list, from 1. An empty page has 0."""
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last_row(self) -> int:
        """Number of the page's last row."""
        return self.first_row + len(self.rows) - 1 if self.rows else 0

    def same(self, **different: str) -> str:
        """Return the address of the list's first page, with its filters except for the `different` ones."""
        kept = {name: value for name, value in request.args.items() if value and name not in {"page", *different}}
        return f"{self.path or request.path}?{urlencode(kept | different)}"

    def url(self, number: int) -> str:
        """Return the address of another page of this list, with all its filters."""
        asked = [(name, value) for name, value in request.args.items(multi=True) if name != "page"]
        return f"{self.path or request.path}?{urlencode([*asked, ('page', number)])}"


def sought(name: str = "q") -> str:
    """Return the search text of this request, in one line and not too long."""
    return tidied(request.args.get(name, ""))[:100]


def choice(name: str, kinds: type[Kind], default: Otherwise) -> Kind | Otherwise:
    """Return the kind that this request asks for, or the default if there is no such kind."""
    asked = request.args.get(name, "")
    return kinds(asked) if asked in set(kinds) else default


def wanted() -> int:
    """Return the page number that this request asks for."""
    return max(1, min(request.args.get("page", 1, int), 100_000))


def page_of(
    query: Select[Row], number: int, *, size: int = PAGE_SIZE, total: int | None = None, most: int | None = None
) -> Page[Row]:
    """Return one page of a query for model objects, with the count of all. A page behind the last one is the last.

    Args:
        query: query for the whole list.
        number: number of the page, from 1.
        size: rows on a page.
        total: rows in the whole list, if they are counted already.
        most: maximum rows that are counted and can be leafed through. Readers of longer lists have to search.
    """
    rows: Sequence[Row] | None = None
    if total is None and number == 1:  # a list of one page, which a slow query may have found, is its own count
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
