"""The organisation tree, as a materialised path: a subtree is one range of an index, whatever its depth."""

from __future__ import annotations

from enum import StrEnum

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, ColumnElement, Enum, ForeignKey, Index, String, and_
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.kernel import clock
from app.kernel.columns import only_while, values_of

PATH = String(400).with_variant(String(400, collation="C"), "postgresql")
"""Column type for paths, compared byte by byte in every database, so that a prefix is a range of the index."""


class UnitKind(StrEnum):
    """Kind of a unit."""

    ACADEMY = "academy"
    INSTITUTE = "institute"
    BRANCH = "branch"
    DEPARTMENT = "department"


KIND_NAMES = {
    UnitKind.ACADEMY: _l("Academy"),
    UnitKind.INSTITUTE: _l("Institute"),
    UnitKind.BRANCH: _l("Branch"),
    UnitKind.DEPARTMENT: _l("Department"),
}


class Unit(Base):
    """The academy, an institute, a branch, a department."""

    __tablename__ = "unit"
    __table_args__ = (
        Index("uq_unit_parent_name", "parent_id", "name", unique=True),
        Index("uq_unit_top", "kind", unique=True, **only_while("parent_id IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    path: Mapped[str] = mapped_column(PATH, unique=True, comment="/1/5/9/: ids from the academy down to this unit")
    kind: Mapped[UnitKind] = mapped_column(Enum(UnitKind, native_enum=False, length=16, values_callable=values_of))
    name: Mapped[str] = mapped_column(String(80))
    code: Mapped[str | None] = mapped_column(String(40), unique=True, comment="short name in imports and sign-in")
    colour: Mapped[str] = mapped_column(
        String(7), default="", server_default="", comment="#rrggbb, on posters; empty: that of the unit above"
    )
    created_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)

    @property
    def depth(self) -> int:
        """Number of levels below the academy, which has 0."""
        return self.path.count("/") - 2

    def is_within(self, path: str) -> bool:
        """Return whether the unit is the one with this path, or beneath it."""
        return self.path.startswith(path)


def within(path: str) -> ColumnElement[bool]:
    """Return the condition for units at or beneath the one with this path."""
    return and_(Unit.path >= path, Unit.path < path[:-1] + "0")  # "0" follows "/"


class ChangeKind(StrEnum):
    """Kind of a change to a unit."""

    CREATED = "created"
    RENAMED = "renamed"
    MOVED = "moved"


class UnitChange(Base):
    """A line of a unit's history. Names are kept as they were, since units are renamed."""

    __tablename__ = "unit_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    at_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    kind: Mapped[ChangeKind] = mapped_column(Enum(ChangeKind, native_enum=False, length=16, values_callable=values_of))
    before: Mapped[str] = mapped_column(String(400), default="", comment="old name, or names down to the old place")
    after: Mapped[str] = mapped_column(String(400), comment="new name, or names down to the new place")
