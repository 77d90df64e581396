"""Rules of units."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.kernel import clock


class KeepingRule(Base):
    """Rule for keeping the recordings of a unit, and of those beneath without a rule of their own."""

    __tablename__ = "replay_keeping_rule"

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id", ondelete="CASCADE"), primary_key=True)
    days: Mapped[int | None] = mapped_column(comment="after the lesson's end; none: for ever")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    changed_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms, onupdate=clock.now_ms)
