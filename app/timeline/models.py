"""Events and the head of each lesson's row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base


class Head(Base):
    """The newest id of a lesson's row. Its lock makes ids rise without gaps, in the order of commits."""

    __tablename__ = "timeline_head"

    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), primary_key=True)
    last_id: Mapped[int] = mapped_column(default=0)


class Event(Base):
    """An event of a lesson."""

    __tablename__ = "timeline_event"
    __table_args__ = (Index("ix_timeline_event_kind", "live_id", "kind", "id"),)

    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at_ms: Mapped[int] = mapped_column(BigInteger, comment="moment on the capture clock")
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
