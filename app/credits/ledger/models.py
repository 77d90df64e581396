"""Entries of the ledger. The database refuses to change or remove one; see the migration."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from sqlalchemy import BigInteger, Enum, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.kernel import clock
from app.kernel.columns import only_while, values_of

GENESIS = "0" * 64
"""Hash that the first entry names in place of the entry before it."""


class Kind(StrEnum):
    """Why an entry was made. Values are stored: they never change their meaning."""

    EARNED = "earned"
    """A lesson, or its replay, was closed."""
    CORRECTION = "correction"
    """A manager gives or takes hours of an earlier entry."""
    ADDITION = "addition"
    """A manager gives hours for which there is no entry."""
    BROUGHT = "brought"
    """补录: hours that were earned elsewhere."""


class Entry(Base):
    """One line of the ledger. `hours_hundredths` of all lines of a person are what she has."""

    __tablename__ = "credits_entry"
    __table_args__ = (
        Index("ix_credits_entry_user_earned", "user_id", "earned_ms"),
        Index("ix_credits_entry_live_user", "live_id", "user_id"),
        Index("ix_credits_entry_original_user", "original_id", "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, comment="from 1, without gaps")
    at_ms: Mapped[int] = mapped_column(BigInteger, comment="when it was written")
    kind: Mapped[Kind] = mapped_column(Enum(Kind, native_enum=False, length=16, values_callable=values_of))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    name: Mapped[str] = mapped_column(String(64), comment="real name, as it was")
    staff_number: Mapped[str] = mapped_column(String(40))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), comment="to which she belonged then")
    unit_name: Mapped[str] = mapped_column(String(400))
    live_id: Mapped[str | None] = mapped_column(ForeignKey("live_session.id"), comment="none: not of a lesson here")
    original_id: Mapped[str | None] = mapped_column(String(16), comment="the first of the lesson and its copies")
    title: Mapped[str] = mapped_column(String(200), comment="the lesson's subject, or what was learned elsewhere")
    category: Mapped[str] = mapped_column(String(40))
    earned_ms: Mapped[int] = mapped_column(BigInteger, comment="the day and the year to which the hours belong")
    hours_hundredths: Mapped[int] = mapped_column(comment="what this entry adds; below zero where it takes")
    watched_ms: Mapped[int] = mapped_column(BigInteger, comment="of the lesson, up to this entry")
    programme_ms: Mapped[int] = mapped_column(BigInteger)
    rollcalls_confirmed: Mapped[int]
    rollcalls_reached: Mapped[int]
    rule_id: Mapped[int | None] = mapped_column(ForeignKey("credits_rule.id"), comment="none: the default rule")
    rule_digest: Mapped[str] = mapped_column(String(64))
    terms_id: Mapped[int | None] = mapped_column(ForeignKey("credits_terms.id"))
    terms_digest: Mapped[str] = mapped_column(String(64))
    stretches_digest: Mapped[str] = mapped_column(String(64))
    refers_to: Mapped[int | None] = mapped_column(comment="the entry that is corrected")
    reason: Mapped[str] = mapped_column(String(300))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), comment="none: the service itself")
    proof: Mapped[str] = mapped_column(String(40), comment="name of the scanned proof; empty: none")
    proof_digest: Mapped[str] = mapped_column(String(64))
    previous: Mapped[str] = mapped_column(String(64), comment="hash of the entry before")
    hash: Mapped[str] = mapped_column(String(64))

    @property
    def hours(self) -> Decimal:
        """Learning hours that the entry adds."""
        return Decimal(self.hours_hundredths) / 100

    @property
    def share(self) -> Decimal:
        """The part of the lesson that was watched, in percent."""
        return share_of(self.watched_ms, self.programme_ms)


HASHED = tuple(column.name for column in Entry.__table__.columns if column.name != "hash")
"""Columns of an entry that its hash is made of, in this order."""


def share_of(watched_ms: int, programme_ms: int) -> Decimal:
    """Return a part of a lesson in percent, to the tenth, downwards."""
    tenths = watched_ms * 1000 // programme_ms if programme_ms else 0
    return (Decimal(tenths) / 10).quantize(Decimal("0.1"))


class Evidence(Base):
    """The stretches from which an entry was computed; thinned after the time for appeals, when the entry stays."""

    __tablename__ = "credits_evidence"

    entry_id: Mapped[int] = mapped_column(ForeignKey("credits_entry.id"), primary_key=True)
    stretches: Mapped[str] = mapped_column(Text, comment="JSON: [[from_ms, to_ms], …]")


class Closing(Base):
    """How far a lesson is closed."""

    __tablename__ = "credits_closing"
    __table_args__ = (Index("ix_credits_closing_waiting", "opened_ms", **only_while("closed_ms IS NULL")),)

    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id"), primary_key=True)
    opened_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    asked_ms: Mapped[int] = mapped_column(BigInteger, default=0, comment="when the job was queued last")
    closed_ms: Mapped[int | None] = mapped_column(BigInteger, comment="the lesson itself; none: not yet")
    through_ms: Mapped[int] = mapped_column(BigInteger, default=0, comment="reports up to then stand in entries")
    final_ms: Mapped[int | None] = mapped_column(BigInteger, comment="the replay as well: nothing counts any more")


TOGETHER = "*"
"""Stands in totals for all categories together."""


class Total(Base):
    """Learning hours of a person in a year and category: the sum of her entries, so that lists need not add them up."""

    __tablename__ = "credits_total"
    __table_args__ = (
        Index("ix_credits_total_year_user", "year", "user_id"),
        Index("ix_credits_total_reached", "year", "category", "hours_hundredths", "user_id"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, comment="in the academy's zone")
    category: Mapped[str] = mapped_column(String(40), primary_key=True, comment="*: all of them together")
    hours_hundredths: Mapped[int]
