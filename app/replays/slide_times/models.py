"""The times of pages as they were set."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.kernel import clock


class SlideTimes(Base):
    """A version of the stage of a replay. The newest is shown, the oldest is that of the lesson itself."""

    __tablename__ = "replay_slide_times"

    id: Mapped[int] = mapped_column(primary_key=True)
    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), index=True)
    turns: Mapped[list[list[int]]] = mapped_column(
        JSON, comment="[moment of capture, page, step], in order; page 0: none is shown"
    )
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    set_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
