"""What presenters have announced."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base

LONGEST = 300


class Notice(Base):
    """An announcement. Withdrawn, it holds no words any more."""

    __tablename__ = "classroom_notice"

    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, comment="of its event in the timeline")
    at_ms: Mapped[int] = mapped_column(BigInteger)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    by_name: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(String(LONGEST))
    gone_ms: Mapped[int | None] = mapped_column(BigInteger, comment="withdrawn since then")
