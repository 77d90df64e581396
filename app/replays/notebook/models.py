"""People's places in replays, and their notes."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.kernel import clock

LONGEST_NOTE = 4000


class Place(Base):
    """Place at which a person left a replay: one row for each person and lesson, written over and over."""

    __tablename__ = "replay_place"

    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    at_ms: Mapped[int] = mapped_column(BigInteger, comment="on the capture clock; cuts and pauses do not move it")
    changed_ms: Mapped[int] = mapped_column(BigInteger)


class Note(Base):
    """A note at a moment. Deleted, it stays until it is too late to undo that."""

    __tablename__ = "replay_note"
    __table_args__ = (Index("ix_replay_note_of", "live_id", "user_id", "at_ms"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    at_ms: Mapped[int] = mapped_column(BigInteger, comment="on the capture clock")
    text: Mapped[str] = mapped_column(Text)
    made_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    changed_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    gone_ms: Mapped[int | None] = mapped_column(BigInteger, comment="deleted since then")
