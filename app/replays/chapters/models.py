"""Presenters' changes to the chapters of a lesson."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import BigInteger, Enum, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.kernel import clock
from app.kernel.columns import values_of

LONGEST_TITLE = 120


class Deed(StrEnum):
    """Kind of a change to a chapter."""

    NAMED = "named"
    MERGED = "merged"
    """The chapter is a part of the one before."""
    HIDDEN = "hidden"
    """Learners do not see it in the list."""
    SHOWN = "shown"
    """The chapter is shown again."""
    ADDED = "added"


class ChapterEdit(Base):
    """One deed. The chapters are what was shown in the lesson, changed by these in order; undoing deletes the last."""

    __tablename__ = "replay_chapter_edit"

    id: Mapped[int] = mapped_column(primary_key=True)
    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), index=True)
    at_ms: Mapped[int] = mapped_column(BigInteger, comment="beginning of the chapter, on the capture clock")
    deed: Mapped[Deed] = mapped_column(Enum(Deed, native_enum=False, length=16, values_callable=values_of))
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE), default="", comment="for named and added")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    done_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
