"""Mail that is to be sent: written into the database with what it is about, delivered by the jobs process."""

from __future__ import annotations

from enum import StrEnum

from flask import Flask
from sqlalchemy import BigInteger, Enum, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.kernel import clock
from app.kernel.columns import values_of


class MailState(StrEnum):
    """How far a mail has come."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Mail(Base):
    """A mail to one person."""

    __tablename__ = "mail"
    __table_args__ = (Index("ix_mail_state_due", "state", "due_ms"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[MailState] = mapped_column(
        Enum(MailState, native_enum=False, length=16, values_callable=values_of), default=MailState.WAITING
    )
    created_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    due_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms, comment="not before; later after a failure")
    tries: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(String(300), default="")


def register(_app: Flask) -> None:
    """Bind the job that delivers."""
