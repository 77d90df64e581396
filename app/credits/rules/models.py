"""Rules as units make them, and what a manager has decided about one lesson. The database refuses to change a row."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.credits.rules.rule import Rule
from app.extensions import Base
from app.kernel import clock
from app.units.models import Unit


def digest_of(*parts: object) -> str:
    """Return the SHA-256 of some plain values, as 64 hexadecimal digits."""
    written = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


class RuleVersion(Base):
    """A rule of a unit from a moment on, until the next one of that unit."""

    __tablename__ = "credits_rule"
    __table_args__ = (Index("ix_credits_rule_unit_valid", "unit_id", "valid_from_ms"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), comment="it holds here, and beneath where none is made")
    valid_from_ms: Mapped[int] = mapped_column(BigInteger, comment="for lessons that begin then or later")
    body: Mapped[str] = mapped_column(Text, comment="as Rule.to_json writes it; empty: the rule of the unit above")
    note: Mapped[str] = mapped_column(String(200), default="", comment="why it was made, for those who manage")
    by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    made_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    digest: Mapped[str] = mapped_column(String(64))

    by: Mapped[User] = relationship()
    unit: Mapped[Unit] = relationship()
    withdrawal: Mapped[Withdrawal | None] = relationship(back_populates="version")

    @property
    def rule(self) -> Rule | None:
        """The rule; `None` where it says that the rule of the unit above holds again."""
        return Rule.from_json(self.body) if self.body else None

    def digested(self) -> str:
        """Compute the digest of what the row says."""
        return digest_of(self.unit_id, self.valid_from_ms, self.body, self.note, self.by_id, self.made_ms)


class Withdrawal(Base):
    """A version was taken back before it was valid."""

    __tablename__ = "credits_rule_withdrawal"

    rule_id: Mapped[int] = mapped_column(ForeignKey("credits_rule.id"), primary_key=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)

    version: Mapped[RuleVersion] = relationship(back_populates="withdrawal")


class Terms(Base):
    """A manager's decision about one lesson. The newest row of the lesson holds."""

    __tablename__ = "credits_terms"

    id: Mapped[int] = mapped_column(primary_key=True)
    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id"), index=True)
    category: Mapped[str] = mapped_column(String(40), comment="see categories; empty: none")
    fixed_hundredths: Mapped[int | None] = mapped_column(comment="hundredths of learning hours; none: as the rule says")
    reason: Mapped[str] = mapped_column(String(200), default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    made_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    digest: Mapped[str] = mapped_column(String(64))

    by: Mapped[User] = relationship()

    @property
    def fixed(self) -> Decimal | None:
        """The learning hours that are fixed for the lesson."""
        return None if self.fixed_hundredths is None else Decimal(self.fixed_hundredths) / 100

    def digested(self) -> str:
        """Compute the digest of what the row says."""
        return digest_of(self.live_id, self.category, self.fixed_hundredths, self.reason, self.by_id, self.made_ms)


class Category(Base):
    """A kind of lessons of the academy's own list, beside those that are always there."""

    __tablename__ = "credits_category"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    retired_ms: Mapped[int | None] = mapped_column(BigInteger, comment="since then no lesson is given it")
