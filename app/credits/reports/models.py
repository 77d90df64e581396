"""Appeals, certificates and targets."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.credits.ledger.models import Entry
from app.credits.rules.models import digest_of
from app.extensions import Base
from app.kernel import clock

LONGEST_WORDS = 1000


class Appeal(Base):
    """学时申诉: a person says that her hours are wrong, and a manager answers."""

    __tablename__ = "credits_appeal"
    __table_args__ = (Index("ix_credits_appeal_answered", "answered_ms", "made_ms"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("credits_entry.id"), comment="none: something is missing")
    words: Mapped[str] = mapped_column(String(LONGEST_WORDS))
    language: Mapped[str] = mapped_column(String(8), comment="in which she is answered by mail")
    made_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    answer: Mapped[str] = mapped_column(String(LONGEST_WORDS), default="")
    answered_ms: Mapped[int | None] = mapped_column(BigInteger)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    correction_id: Mapped[int | None] = mapped_column(ForeignKey("credits_entry.id"), comment="none: a reasoned no")

    user: Mapped[User] = relationship(foreign_keys=[user_id])
    answered_by: Mapped[User | None] = relationship(foreign_keys=[answered_by_id])
    entry: Mapped[Entry | None] = relationship(foreign_keys=[entry_id])
    correction: Mapped[Entry | None] = relationship(foreign_keys=[correction_id])


class Certificate(Base):
    """学时证明: what a person had on the day on which it was made out. It outlives her account."""

    __tablename__ = "credits_certificate"

    code: Mapped[str] = mapped_column(
        String(16), primary_key=True, comment="cannot be guessed; whoever has it may check"
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    year: Mapped[int]
    body: Mapped[str] = mapped_column(Text, comment="JSON: what it says")
    is_open: Mapped[bool] = mapped_column(comment="she agreed that whoever checks it sees her name and her lessons")
    made_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    head_id: Mapped[int] = mapped_column(comment="newest entry of the ledger then")
    head_hash: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))

    @property
    def said(self) -> dict[str, Any]:
        """Content of the certificate."""
        return dict(json.loads(self.body))

    def digested(self) -> str:
        """Compute the digest of what the row says."""
        return digest_of(self.code, self.user_id, self.year, self.body, self.made_ms, self.head_id, self.head_hash)


class Target(Base):
    """Learning hours that people of a unit are to reach in a year, from that year on."""

    __tablename__ = "credits_target"
    __table_args__ = (UniqueConstraint("unit_id", "year", "category"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int] = mapped_column(comment="the first in which it holds")
    category: Mapped[str] = mapped_column(String(40), comment="empty: of all categories together")
    hours_hundredths: Mapped[int]
