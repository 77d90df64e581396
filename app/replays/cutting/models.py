"""Cuts."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.kernel import clock


class Cut(Base):
    """A stretch that is left out of a recording. Those of one recording do not touch one another."""

    __tablename__ = "replay_cut"

    id: Mapped[int] = mapped_column(primary_key=True)
    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), index=True)
    from_ms: Mapped[int] = mapped_column(BigInteger, comment="on the capture clock")
    to_ms: Mapped[int] = mapped_column(BigInteger, comment="on the capture clock; does not belong to it")
    place_ms: Mapped[int] = mapped_column(BigInteger, comment="where it begins in the whole recording")
    length_ms: Mapped[int] = mapped_column(BigInteger, comment="length of what is left out")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    made_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
