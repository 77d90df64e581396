"""Mails and their states."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import BigInteger, Enum, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.kernel import clock
from app.kernel.columns import values_of


class MailState(StrEnum):
    """State of a mail."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Mail(Base):
    """A mail to one person. Its text is forgotten once it is sent, because it may hold a link that opens an account."""

    __tablename__ = "mail"
    __table_args__ = (
        Index("ix_mail_waiting", "state", "bulk", "due_ms"),
        Index("ix_mail_recipient_created", "recipient", "created_ms"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    calendar: Mapped[str] = mapped_column(
        Text, default="", server_default="", comment="an iCalendar object that goes with it; empty: none"
    )
    unsubscribe: Mapped[str] = mapped_column(
        String(300), default="", server_default="", comment="address at which one press ends mails of this kind"
    )
    message_id: Mapped[str] = mapped_column(
        String(200), default="", server_default="", comment="name in its header; empty: any"
    )
    reply_to: Mapped[str] = mapped_column(
        String(254), default="", server_default="", comment="where answers go; empty: to the sender"
    )
    bulk: Mapped[bool] = mapped_column(
        default=False, server_default=false(), comment="goes out when nothing else waits: many get the same"
    )
    state: Mapped[MailState] = mapped_column(
        Enum(MailState, native_enum=False, length=16, values_callable=values_of), default=MailState.WAITING
    )
    created_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    due_ms: Mapped[int] = mapped_column(
        BigInteger, default=clock.now_ms, comment="not before; later after a failure, and while somebody delivers it"
    )
    tries: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(String(300), default="")
