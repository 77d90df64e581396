"""Documents of a lesson and their pages."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import JSON, BigInteger, Computed, Enum, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.kernel import clock
from app.kernel.columns import values_of
from app.kernel.ids import new_id

LONGEST_NAME = 200


class DocumentKind(StrEnum):
    """Kind of a document."""

    DECK = "deck"
    """Pages made from a file."""
    WHITEBOARD = "whiteboard"
    """Blank pages to draw on."""


class DocumentState(StrEnum):
    """State of a document."""

    UPLOADING = "uploading"
    WAITING = "waiting"
    """The jobs process has not begun."""
    CONVERTING = "converting"
    """Finished pages can be shown already."""
    READY = "ready"
    FAILED = "failed"
    """`problem` says why. Finished pages stay."""


class Document(Base):
    """An uploaded file of a lesson, or its whiteboard: one tab of the studio."""

    __tablename__ = "document"

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), index=True)
    kind: Mapped[DocumentKind] = mapped_column(
        Enum(DocumentKind, native_enum=False, length=16, values_callable=values_of)
    )
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), comment="of the file; of a whiteboard empty")
    state: Mapped[DocumentState] = mapped_column(
        Enum(DocumentState, native_enum=False, length=16, values_callable=values_of)
    )
    problem: Mapped[str] = mapped_column(String(40), default="", comment="a word of `problems`; empty: none")
    findings: Mapped[dict[str, list[int]]] = mapped_column(
        JSON, default=dict, comment="what is said after the upload: numbers of pages by a word of `problems`"
    )
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    received_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    pictures_bytes: Mapped[int] = mapped_column(
        BigInteger, default=0, server_default="0", comment="of the pictures of its pages"
    )
    page_count: Mapped[int] = mapped_column(default=0, comment="0 until it is known")
    ready_count: Mapped[int] = mapped_column(default=0, comment="pages from the first whose pictures are made")
    attempts: Mapped[int] = mapped_column(
        default=0, server_default="0", comment="how often converting was begun; one that kills its process is given up"
    )
    hidden: Mapped[bool] = mapped_column(default=True, comment="learners see a page only once it was shown")
    place: Mapped[int] = mapped_column(default=0, comment="order of the tabs")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    created_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    changed_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    removed_ms: Mapped[int | None] = mapped_column(
        BigInteger, comment="its tab is gone; what was shown of it stays in rewind and replay"
    )


class Page(Base):
    """One page. Drawings on it are in the timeline."""

    __tablename__ = "document_page"

    document_id: Mapped[str] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, comment="from 1")
    width: Mapped[int] = mapped_column(comment="of the large picture, px")
    height: Mapped[int] = mapped_column()
    steps: Mapped[list[str]] = mapped_column(
        JSON, comment="unguessable name of the picture of each step, the first before any build; blank pages have none"
    )
    text: Mapped[str] = mapped_column(Text, default="", comment="for those who hear the page")
    folded: Mapped[str] = mapped_column(
        Text, Computed("lower(text)"), deferred=True, comment="its text in small letters, for searches"
    )
    notes: Mapped[str] = mapped_column(Text, default="", comment="the speaker's")
    shown_ms: Mapped[int | None] = mapped_column(BigInteger, comment="when learners saw it first")
