"""Raised hands."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base


class Hand(Base):
    """A hand that is up; one that was lowered is only in the timeline."""

    __tablename__ = "classroom_hand"

    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(40), primary_key=True, comment="of the person, see seats.Person")
    name: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(100))
    raised_ms: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int] = mapped_column(comment="id of the event: the place in the queue, also within one millisecond")
    way: Mapped[str] = mapped_column(String(8), comment="how she wants to speak: voice, both, or empty for in writing")
    called_ms: Mapped[int | None] = mapped_column(BigInteger, comment="请发言: has the floor since then")
