"""Messages to other services with their answers, and the views of lessons that statements report."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import JSON, BigInteger, Enum, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.credits.outbox.receivers import Key
from app.extensions import Base
from app.kernel import clock
from app.kernel.columns import only_while, values_of


class State(StrEnum):
    """State of a delivery."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class Delivery(Base):
    """One message to one receiver, written in the transaction of its occasion."""

    __tablename__ = "credits_delivery"
    __table_args__ = (
        Index("ix_credits_delivery_waiting", "receiver", "due_ms", **only_while("state = 'waiting'")),
        Index("ix_credits_delivery_failed", "id", **only_while("state = 'failed'")),
        Index("ix_credits_delivery_created", "created_ms"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    receiver: Mapped[Key] = mapped_column(Enum(Key, native_enum=False, length=16, values_callable=values_of))
    uuid: Mapped[str] = mapped_column(
        String(36), unique=True, comment="by which its receiver knows it when it comes again"
    )
    what: Mapped[str] = mapped_column(String(300), comment="for administrators")
    body: Mapped[str] = mapped_column(Text, comment="JSON")
    state: Mapped[State] = mapped_column(
        Enum(State, native_enum=False, length=16, values_callable=values_of), default=State.WAITING
    )
    created_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    due_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms, comment="not before; later after a refusal")
    tries: Mapped[int] = mapped_column(default=0, comment="that were answered")
    problem: Mapped[str] = mapped_column(String(300), default="")
    answered_ms: Mapped[int | None] = mapped_column(BigInteger, comment="of the newest answer")


class Silence(Base):
    """A receiver that does not answer, or refuses everything: nothing is sent to it until `until_ms`."""

    __tablename__ = "credits_silence"

    receiver: Mapped[Key] = mapped_column(
        Enum(Key, native_enum=False, length=16, values_callable=values_of), primary_key=True
    )
    until_ms: Mapped[int] = mapped_column(BigInteger)
    failures: Mapped[int] = mapped_column(comment="in a row")
    problem: Mapped[str] = mapped_column(String(300))


class Viewing(Base):
    """One page on which a person watches a lesson now; statements tell of it. It is removed when it is over."""

    __tablename__ = "credits_viewing"
    __table_args__ = (
        Index("ix_credits_viewing_page", "live_id", "user_id", "page", unique=True),
        Index("ix_credits_viewing_seen", "seen_ms"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, comment="UUID of its first statement")
    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    page: Mapped[str] = mapped_column(String(64), comment="name of an open page; empty for those without a socket")
    seen_ms: Mapped[int] = mapped_column(BigInteger, comment="when its newest report came")
    played_ms: Mapped[int] = mapped_column(BigInteger, comment="when the newest report came that said it played")
    plays: Mapped[bool]
    segments: Mapped[list[list[int]]] = mapped_column(
        JSON, comment="what she watched of the lesson (epoch ms), this page's in the order in which it did"
    )
    known: Mapped[int] = mapped_column(comment="so many of the segments are from before")
    newest: Mapped[list[list[int]]] = mapped_column(JSON, comment="pieces of the newest report, which may come again")
