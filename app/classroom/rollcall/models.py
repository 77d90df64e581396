"""Roll-calls, the people called in each, and their confirmations."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import BigInteger, Enum, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.kernel.columns import only_while, values_of


class Outcome(StrEnum):
    """End of a roll-call."""

    TIME = "time"
    """Its time was over."""
    EARLY = "early"
    """A presenter has ended it before."""
    CUT = "cut"
    """The lesson was paused, interrupted or over before."""
    CANCELLED = "cancelled"
    """The roll-call counts for nothing."""
    NOT_HELD = "not_held"
    """Planned, and the plan was dropped or the lesson over before its moment came."""


class RollCall(Base):
    """One roll-call: planned for a moment that nobody is told, running, or closed."""

    __tablename__ = "rollcall"
    __table_args__ = (
        Index("ix_rollcall_due", "closed_ms", "due_ms"),
        Index(
            "uq_rollcall_running", "live_id", unique=True, **only_while("began_ms IS NOT NULL AND closed_ms IS NULL")
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), comment="who called, or planned it")
    length_s: Mapped[int] = mapped_column(comment="so long one may confirm, s")
    due_ms: Mapped[int | None] = mapped_column(BigInteger, comment="drawn moment of a planned one; pages never hear it")
    began_ms: Mapped[int | None] = mapped_column(BigInteger)
    deadline_ms: Mapped[int | None] = mapped_column(BigInteger)
    closed_ms: Mapped[int | None] = mapped_column(BigInteger)
    outcome: Mapped[Outcome | None] = mapped_column(
        Enum(Outcome, native_enum=False, length=16, values_callable=values_of)
    )

    @property
    def is_running(self) -> bool:
        """Return whether people are being asked."""
        return self.began_ms is not None and self.closed_ms is None

    @property
    def counts(self) -> bool:
        """Return whether it tells anything about who was there."""
        return self.began_ms is not None and self.outcome is not Outcome.CANCELLED


class Called(Base):
    """A person who was present when the roll was called, as she was then."""

    __tablename__ = "rollcall_called"

    roll_id: Mapped[int] = mapped_column(ForeignKey("rollcall.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(40), primary_key=True, comment="of the person, see seats.Person")
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    name: Mapped[str] = mapped_column(String(80))
    unit: Mapped[str] = mapped_column(String(200))
    staff_number: Mapped[str] = mapped_column(String(40))
    at_ms: Mapped[int] = mapped_column(BigInteger)


class Confirmation(Base):
    """A person has said 我在. If she was not called, she has come late. Without an account she does not count."""

    __tablename__ = "rollcall_confirmation"

    roll_id: Mapped[int] = mapped_column(ForeignKey("rollcall.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(40), primary_key=True, comment="of the person, see seats.Person")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), comment="none: a guest")
    name: Mapped[str] = mapped_column(String(80))
    unit: Mapped[str] = mapped_column(String(200))
    staff_number: Mapped[str] = mapped_column(String(40))
    at_ms: Mapped[int] = mapped_column(BigInteger, comment="when it arrived, by the server's clock")
    address: Mapped[str] = mapped_column(String(80), comment="network address that it came from")
    browser: Mapped[str] = mapped_column(String(200), comment="its User-Agent")
