"""Who is not let into a room any more."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base


class Bar(Base):
    """Somebody was put out of a lesson, for a while or for good."""

    __tablename__ = "classroom_bar"

    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(40), primary_key=True, comment="of the person, see seats.Person")
    name: Mapped[str] = mapped_column(String(80))
    until_ms: Mapped[int | None] = mapped_column(BigInteger, comment="none: for good")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    at_ms: Mapped[int] = mapped_column(BigInteger)
