"""Columns that several features share, and the people who were put out of a lesson."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base


class Said:
    """Words of a lesson, with their speaker and their time. Once withdrawn, the row holds no words any more."""

    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, comment="of its event in the timeline")
    at_ms: Mapped[int] = mapped_column(BigInteger)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    by_name: Mapped[str] = mapped_column(String(80))
    gone_ms: Mapped[int | None] = mapped_column(BigInteger, comment="withdrawn or deleted since then")


class SaidByAnybody(Said):
    """Words of a person of any part, with an account or without."""

    by_key: Mapped[str] = mapped_column(String(40), comment="of the person, see seats.Person")
    part: Mapped[str] = mapped_column(String(16), comment="teacher, assistant, learner or guest, when it was said")
    nonce: Mapped[str] = mapped_column(String(36), comment="the page's own name for it: sent twice, it is stored once")


class Bar(Base):
    """A person was put out of a lesson, for a while or for good."""

    __tablename__ = "classroom_bar"

    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(40), primary_key=True, comment="of the person, see seats.Person")
    name: Mapped[str] = mapped_column(String(80))
    until_ms: Mapped[int | None] = mapped_column(BigInteger, comment="none: for good")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    at_ms: Mapped[int] = mapped_column(BigInteger)
