"""People who are in a room, or were."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base


class Presence(Base):
    """One person in one lesson, on however many pages."""

    __tablename__ = "classroom_presence"
    __table_args__ = (Index("ix_classroom_presence_here", "live_id", "left_ms", "seen_ms"),)

    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(40), primary_key=True, comment="of the person, see seats.Person")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(String(80))
    unit: Mapped[str] = mapped_column(String(200), comment="name of the unit; empty for guests")
    part: Mapped[str] = mapped_column(String(16), comment="teacher, assistant, learner or guest")
    entered_ms: Mapped[int] = mapped_column(BigInteger, comment="for the first time")
    seen_ms: Mapped[int] = mapped_column(BigInteger, comment="last noted; a process that died notes nothing any more")
    left_ms: Mapped[int | None] = mapped_column(BigInteger, comment="none: still here, if seen lately")


class Stay(Base):
    """One stretch of time that one person spent in one lesson. If she comes back later, that is another one."""

    __tablename__ = "classroom_stay"

    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(40), primary_key=True, comment="of the person, see seats.Person")
    from_ms: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    to_ms: Mapped[int | None] = mapped_column(BigInteger, comment="none: it lasts, or until she was last noted")
