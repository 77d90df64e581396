"""Messages of a lesson, its rules for writing, and who may not write."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.classroom.engine.models import SaidByAnybody
from app.extensions import Base

CHANGEABLE_MS = 120_000
"""Time in which one may change or withdraw a message of one's own."""


class Message(SaidByAnybody, Base):
    """A message. Once withdrawn or deleted, it holds no words any more."""

    __tablename__ = "chat_message"
    __table_args__ = (
        UniqueConstraint("live_id", "by_key", "nonce"),
        Index("ix_chat_message_pinned", "live_id", "pinned_ms"),
    )

    text: Mapped[str] = mapped_column(Text)
    picture: Mapped[str] = mapped_column(String(40), default="", comment="name of a kept picture")
    to_desk: Mapped[bool] = mapped_column(default=False, comment="悄悄话: for those who teach and assist")
    reply_id: Mapped[int | None] = mapped_column(comment="the message that it answers")
    edited_ms: Mapped[int | None] = mapped_column(BigInteger)
    pinned_ms: Mapped[int | None] = mapped_column(BigInteger)


class Rules(Base):
    """Rules for writing in a lesson."""

    __tablename__ = "chat_rules"

    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), primary_key=True)
    muted_all: Mapped[bool] = mapped_column(default=False, comment="全员禁言: only the desk writes")
    slow_s: Mapped[int] = mapped_column(default=0, comment="least time between two messages of a learner, s")
    guests: Mapped[bool] = mapped_column(default=True, comment="those without an account may write")
    pictures: Mapped[bool] = mapped_column(default=False)
    words: Mapped[str] = mapped_column(Text, default="", comment="what nobody may write, one a line")


class Mute(Base):
    """A person may read and not write."""

    __tablename__ = "chat_mute"

    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
