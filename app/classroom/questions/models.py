"""Questions of a lesson, their votes, and the rule whether the desk looks at them first."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import BigInteger, Enum, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.classroom.engine.models import SaidByAnybody
from app.extensions import Base
from app.kernel.columns import only_while, values_of


class State(StrEnum):
    """State of a question."""

    OPEN = "open"
    BEING_ANSWERED = "being_answered"
    ANSWERED = "answered"
    DISMISSED = "dismissed"
    """Only the desk and the person who asked still see it."""


WAITING = "waiting"
"""Shown as a state of its own: open, and the desk has yet to look at it."""


class Question(SaidByAnybody, Base):
    """A question. Once withdrawn, it holds no words any more."""

    __tablename__ = "classroom_question"
    __table_args__ = (
        UniqueConstraint("live_id", "by_key", "nonce"),
        Index("ix_classroom_question_votes", "live_id", **only_while("votes <> votes_told")),
    )

    anonymous: Mapped[bool] = mapped_column(comment="learners do not see who asked")
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[State] = mapped_column(
        Enum(State, native_enum=False, length=16, values_callable=values_of), default=State.OPEN
    )
    public_ms: Mapped[int | None] = mapped_column(BigInteger, comment="公开 since then; none: waits for the desk")
    votes: Mapped[int] = mapped_column(default=0)
    votes_told: Mapped[int] = mapped_column(default=0, comment="as the timeline last said")
    taken_ms: Mapped[int | None] = mapped_column(BigInteger, comment="正在回答 since then")
    answer: Mapped[str] = mapped_column(Text, default="", comment="in writing")
    answered_by: Mapped[str] = mapped_column(String(80), default="", comment="name of who wrote the answer")
    voiced_ms: Mapped[int | None] = mapped_column(BigInteger, comment="口头回答: when the answer began")

    @property
    def is_public(self) -> bool:
        """Return whether all learners see it."""
        return self.gone_ms is None and self.public_ms is not None and self.state is not State.DISMISSED

    @property
    def is_waiting(self) -> bool:
        """Return whether the desk has yet to look at it."""
        return self.public_ms is None and self.state is State.OPEN

    @property
    def shown_as(self) -> str:
        """Return the state as pages know it."""
        return WAITING if self.is_waiting else str(self.state)


class Vote(Base):
    """The vote of a person who wants to know it too."""

    __tablename__ = "classroom_question_vote"
    __table_args__ = (
        ForeignKeyConstraint(
            ["live_id", "question_id"], ["classroom_question.live_id", "classroom_question.id"], ondelete="CASCADE"
        ),
        Index("ix_classroom_question_vote_key", "live_id", "key"),
    )

    live_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    question_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(40), primary_key=True, comment="of the person, see seats.Person")


class QuestionRules(Base):
    """Rules for questions in a lesson."""

    __tablename__ = "classroom_question_rules"

    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), primary_key=True)
    moderated: Mapped[bool] = mapped_column(default=False, comment="the desk looks at each one first")
