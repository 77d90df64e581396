"""Tickets, their history, and what hangs on them."""

from __future__ import annotations

from enum import StrEnum

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, Enum, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.extensions import Base
from app.kernel import clock
from app.kernel.columns import values_of
from app.kernel.ids import new_id
from app.live.models import LiveSession
from app.support.tickets.states import TicketState
from app.units.models import Unit

LONGEST_SUBJECT = 100
LONGEST_WORDS = 5000
LONGEST_FACTS = 20_000


class Priority(StrEnum):
    """How urgent a ticket is. Values are stored."""

    URGENT = "a_urgent"
    NORMAL = "b_normal"
    LOW = "c_low"


PRIORITY_NAMES = {Priority.URGENT: _l("Urgent"), Priority.NORMAL: _l("Normal"), Priority.LOW: _l("Can wait")}


class EntryKind(StrEnum):
    """Kind of an entry in the history. Values are stored."""

    ASKED = "asked"
    ANSWERED = "answered"
    NOTE = "note"
    """Internal: the asker does not see it."""
    STATE = "state"
    ASSIGNED = "assigned"
    RANKED = "ranked"
    HANDED_OVER = "handed_over"
    MERGED = "merged"
    RATED = "rated"


SEEN_BY_ASKER = (EntryKind.ASKED, EntryKind.ANSWERED, EntryKind.STATE, EntryKind.HANDED_OVER, EntryKind.RATED)


class Ticket(Base):
    """工单: a question of a person with or without an account, and what became of it."""

    __tablename__ = "support_ticket"
    __table_args__ = (
        Index("ix_support_ticket_state_changed", "state", "changed_ms"),
        Index("ix_support_ticket_unit_opened", "unit_id", "opened_ms"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(
        String(32), unique=True, default=lambda: new_id() + new_id(), comment="opens it for an asker without account"
    )
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id"), index=True, comment="none: asked without an account"
    )
    name: Mapped[str] = mapped_column(String(64))
    email: Mapped[str] = mapped_column(String(254), default="", comment="where answers go; empty: on the page only")
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), comment="whose people answer it")
    at_platform: Mapped[bool] = mapped_column(default=False, comment="handed over to the academy's people")
    live_id: Mapped[str | None] = mapped_column(ForeignKey("live_session.id", ondelete="SET NULL"))
    subject: Mapped[str] = mapped_column(String(LONGEST_SUBJECT))
    state: Mapped[TicketState] = mapped_column(
        Enum(TicketState, native_enum=False, create_constraint=False, length=16, values_callable=values_of),
        default=TicketState.WAITING,
    )
    priority: Mapped[Priority] = mapped_column(
        Enum(Priority, native_enum=False, create_constraint=False, length=16, values_callable=values_of),
        default=Priority.NORMAL,
    )
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    language: Mapped[str] = mapped_column(String(8), comment="in which the asker gets mail")
    page: Mapped[str] = mapped_column(String(300), default="", comment="path of the page on which it happened")
    browser: Mapped[str] = mapped_column(String(300), default="")
    facts: Mapped[str] = mapped_column(Text, default="", comment="diagnostics, with the asker's consent")
    opened_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    changed_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    confirmed_ms: Mapped[int | None] = mapped_column(
        BigInteger, comment="none: the asker has not opened the link in the mail, and nobody reads it"
    )
    answered_ms: Mapped[int | None] = mapped_column(BigInteger, comment="first answer")
    solved_ms: Mapped[int | None] = mapped_column(BigInteger, comment="last time it was solved")
    rating: Mapped[int | None] = mapped_column(comment="1 to 5, by the asker")
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("support_ticket.id"), index=True)

    user: Mapped[User | None] = relationship(foreign_keys=[user_id])
    assignee: Mapped[User | None] = relationship(foreign_keys=[assignee_id])
    unit: Mapped[Unit] = relationship()
    live: Mapped[LiveSession | None] = relationship()


class TicketEntry(Base):
    """A step in the history of a ticket."""

    __tablename__ = "support_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("support_ticket.id", ondelete="CASCADE"), index=True)
    kind: Mapped[EntryKind] = mapped_column(
        Enum(EntryKind, native_enum=False, create_constraint=False, length=16, values_callable=values_of)
    )
    by_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id"), comment="none: the asker without an account, or the service"
    )
    by_asker: Mapped[bool] = mapped_column(default=False)
    words: Mapped[str] = mapped_column(Text, default="")
    about: Mapped[str] = mapped_column(String(100), default="", comment="the new state, assignee, rank or number")
    at_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    message_id: Mapped[str | None] = mapped_column(
        String(250), unique=True, comment="of the mail that brought it, so that it is taken once"
    )

    by: Mapped[User | None] = relationship()
    files: Mapped[list[Attachment]] = relationship(lazy="selectin", order_by="Attachment.id")


class Attachment(Base):
    """A picture or a log beside a question."""

    __tablename__ = "support_attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("support_entry.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(40), comment="of its file, in the ticket's folder")
    title: Mapped[str] = mapped_column(String(120), comment="name that it had on the asker's computer")
    size_bytes: Mapped[int]

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture, else it is a log."""
        return self.name.endswith(".webp")


class Canned(Base):
    """An answer that people of a unit, and those beneath, give often."""

    __tablename__ = "support_canned"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    title: Mapped[str] = mapped_column(String(60))
    words: Mapped[str] = mapped_column(Text)

    unit: Mapped[Unit] = relationship()
