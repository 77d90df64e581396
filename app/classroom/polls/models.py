"""Polls of a lesson, and one answer of each person."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import JSON, BigInteger, Enum, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.kernel import clock
from app.kernel.columns import values_of

LONGEST_QUESTION = 300
LONGEST_OPTION = 100
LONGEST_ANSWER = 500
MOST_OPTIONS = 10
STARS = 5
"""A rating is one of 1 to this."""


class Kind(StrEnum):
    """Kind of answers to a question."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    TEXT = "text"
    RATING = "rating"


CHOICES = frozenset({Kind.SINGLE, Kind.MULTIPLE})
"""Kinds of polls with options of their own."""


class PollState(StrEnum):
    """Stage of a poll."""

    PREPARED = "prepared"
    """Only the desk knows of it."""
    OPEN = "open"
    CLOSED = "closed"
    """The poll takes no more answers. Learners wait for the results."""
    PUBLISHED = "published"
    """Everybody sees the results, and which answers were right."""
    HIDDEN = "hidden"
    """Taken off the learners' pages again."""


class Poll(Base):
    """A question. Its wording never changes once it was opened."""

    __tablename__ = "poll"
    __table_args__ = (
        Index("ix_poll_live_id_position", "live_id", "position"),
        Index("ix_poll_state_closes_ms", "state", "closes_ms"),
        {"sqlite_autoincrement": True},  # an event must not mean another poll after its own was deleted
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(comment="its place among the polls of the lesson")
    kind: Mapped[Kind] = mapped_column(Enum(Kind, native_enum=False, length=16, values_callable=values_of))
    question: Mapped[str] = mapped_column(String(LONGEST_QUESTION))
    options: Mapped[list[str]] = mapped_column(JSON, comment="what can be chosen; empty for texts and ratings")
    right: Mapped[int] = mapped_column(default=0, comment="the right options as `mask_of` writes them; 0: no quiz")
    countdown_s: Mapped[int] = mapped_column(default=0, comment="closes by itself so long after opening; 0: never")
    state: Mapped[PollState] = mapped_column(
        Enum(PollState, native_enum=False, length=16, values_callable=values_of), default=PollState.PREPARED
    )
    made_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    opened_ms: Mapped[int | None] = mapped_column(BigInteger, comment="for the last time")
    closes_ms: Mapped[int | None] = mapped_column(BigInteger, comment="answers that arrive later do not count")

    @property
    def is_quiz(self) -> bool:
        """Return whether right answers are known."""
        return self.right != 0

    @property
    def choosable(self) -> int:
        """Count what can be chosen from: options or stars; 0 for a text."""
        return STARS if self.kind is Kind.RATING else len(self.options)

    @property
    def is_public(self) -> bool:
        """Return whether learners may see the results."""
        return self.state is PollState.PUBLISHED


class Vote(Base):
    """The answer of one person."""

    __tablename__ = "poll_vote"

    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(40), primary_key=True, comment="of the person, see seats.Person")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(String(80))
    chosen: Mapped[int] = mapped_column(comment="the options, or the star, as `mask_of` writes them; 0 for a text")
    text: Mapped[str] = mapped_column(String(LONGEST_ANSWER))
    at_ms: Mapped[int] = mapped_column(BigInteger, comment="when it was given, or changed for the last time")


def mask_of(numbers: Iterable[int]) -> int:
    """Write options, counted from 1, as one number: the first is its lowest bit."""
    return sum(1 << (number - 1) for number in set(numbers))


def numbers_of(mask: int) -> list[int]:
    """Read what `mask_of` has written."""
    return [number for number in range(1, mask.bit_length() + 1) if mask >> (number - 1) & 1]
